/** The frontier and the table of its points, which mark each other; and what failed. */
import { useCallback, useMemo, useState } from "react";
import { Button, Choice } from "../charts/Controls.tsx";
import type { Side } from "../charts/types.ts";
import { Split } from "../shell/Split.tsx";
import { type SweepMetric, sweepMetrics, withRecipe, withSweep } from "../state/experiment.ts";
import type { SweepRun } from "../state/sweep.ts";
import { useExperiment, useStoreOf, useWorkbench } from "../state/workbench.ts";
import type { Extent } from "./axes.ts";
import { metricLabel, specOf } from "./columns.ts";
import { Failures } from "./Failures.tsx";
import { FrontierChart } from "./FrontierChart.tsx";
import { Legend } from "./Legend.tsx";
import { PointTable } from "./PointTable.tsx";
import { failuresOf, frontierOf, type PlotPoint, pointsOf, type Scope, targetsShown } from "./points.ts";
import { Readout } from "./Readout.tsx";
import { type Hidden, isHidden, type PartKey, seriesOf, toggled } from "./series.ts";
import { useBenchMarks } from "./useBenchMarks.ts";
import { zoomed } from "./useFrontierGestures.ts";
import { useWholeExtent } from "./useWholeExtent.ts";

const none: readonly PlotPoint[] = [];

export function Results({ next, narrow }: { next: SweepRun | null; narrow: boolean }) {
  const w = useWorkbench();
  const { run, old, job } = useStoreOf(w.sweep, (s) => s);
  const metric = useExperiment((e) => e.sweep.metric);
  const a = useExperiment((e) => e.a);
  const b = useExperiment((e) => e.b);
  const [wantedScope, setScope] = useState<Scope>(null);
  const [part, setPart] = useState<PartKey>("base");
  const [hidden, setHidden] = useState<Hidden>({});
  const [zoom, setZoom] = useState<{ of: string; extent: Extent } | null>(null);
  const [mark, setMark] = useState<{ recipe: string | null; pinned: boolean }>({ recipe: null, pinned: false });
  const [lower, setLower] = useState<"points" | "best" | "failed">("points");
  const [sent, say] = useState("");

  const scope = run && wantedScope !== null && wantedScope < run.tensors.length ? wantedScope : null;
  const all = useMemo(() => (run ? pointsOf(run, scope) : none), [run, scope]);
  const before = useMemo(
    () => (old ? pointsOf(old, scope !== null && scope < old.tensors.length ? scope : null) : none),
    [old, scope],
  );
  const points = useMemo(() => all.filter(({ parts }) => !isHidden(hidden, parts)), [all, hidden]);
  const frontier = useMemo(() => frontierOf(points, metric), [points, metric]);
  const best = useMemo(() => new Set(frontier), [frontier]);
  const recipes = run?.recipes;
  const series = useMemo(() => seriesOf(recipes ?? [], part), [recipes, part]);
  const seriesAt = useCallback((point: PlotPoint) => series.get(point.parts[part])!, [series, part]);
  const failures = useMemo(() => (run ? failuresOf(run) : []), [run]);
  const failed = failures.reduce((sum, f) => sum + f.points.length, 0);

  // Zoomed stretches belong to a metric; the axes are kept while one run streams in and fitted once when it has ended.
  const extentKey = `${metric} ${scope} ${run?.key} ${job ? "running" : "ended"}`;
  const whole = useWholeExtent(extentKey, all, before, metric);
  const shownZoom = zoom?.of === `${metric} ${scope}` ? zoom.extent : null;
  const onZoom = useCallback(
    (extent: Extent | null) => setZoom(extent && { of: `${metric} ${scope}`, extent }),
    [metric, scope],
  );
  const benchMarks = useBenchMarks(run, scope, all, metric);
  const onMark = useCallback(
    (recipe: string | null, pinned: boolean) =>
      setMark((now) =>
        now.pinned && !pinned
          ? now
          : now.recipe === recipe && now.pinned === pinned
            ? now
            : { recipe, pinned: pinned && recipe !== null },
      ),
    [],
  );
  const onSend = useCallback(
    (recipe: string, side: Side) => {
      w.timeline.change((e) => withRecipe(e, side, recipe));
      say(`${recipe} is now recipe ${side.toUpperCase()} of the Bench.`);
    },
    [w],
  );
  const marked = all.find((point) => point.text === mark.recipe) ?? null;
  const changed = run !== null && next !== null && !job && next.key !== run.key;
  const bench = { a, b };

  const legend = JSON.stringify(
    [...series.values()]
      .filter(({ value }) => !hidden[part]?.includes(value))
      .map(({ path, colour, value }) => ({ path, colour, value })),
  );
  const chart = (
    <div className="pane flex h-full min-h-0 flex-col p-2" style={{ height: narrow ? 700 : undefined }}>
      <figure
        data-chart="sweep"
        data-legend={legend}
        aria-label="Frontier"
        aria-describedby="sweep-description"
        aria-busy={job !== null}
        className="m-0 flex min-h-0 flex-1 flex-col"
      >
        <figcaption className="flex flex-wrap items-center gap-x-2 gap-y-1 pb-1">
          <h3 className="m-0 flex items-center gap-1.5 font-semibold text-sm">
            {metricLabel(metric)} against bits a weight
          </h3>
          <span className="mr-auto text-muted text-xs">
            {run && tensorWords(run, scope)}
            {old && " · hollow: the run before"}
            {changed && (
              <span className="ml-1 rounded bg-grid px-1" title="Run to see it">
                old · the settings have changed
              </span>
            )}
          </span>
          {run && run.tensors.length > 1 && (
            <select
              className="field min-h-6 pointer-coarse:min-h-11 max-w-48 text-xs"
              aria-label="Tensor shown"
              value={scope ?? ""}
              onChange={(event) =>
                setScope(event.currentTarget.value === "" ? null : Number(event.currentTarget.value))
              }
            >
              <option value="">all {run.tensors.length} together</option>
              {run.tensors.map((t, i) => (
                <option key={t.name} value={i}>
                  {t.name}
                </option>
              ))}
            </select>
          )}
          <select
            className="field min-h-6 pointer-coarse:min-h-11 text-xs"
            aria-label="Error shown"
            value={metric}
            onChange={(event) => {
              const chosen = event.currentTarget.value as SweepMetric;
              w.timeline.change((e) => withSweep(e, { metric: chosen }));
            }}
          >
            {sweepMetrics.map((m) => (
              <option key={m} value={m} title={specOf(m).describe}>
                {metricLabel(m)}
              </option>
            ))}
          </select>
          <span className="flex gap-1">
            <Button
              label="Zoom in"
              disabled={!whole}
              onClick={() => whole && onZoom(zoomed(shownZoom ?? whole, whole, 0.5, metric))}
            >
              +
            </Button>
            <Button
              label="Zoom out"
              disabled={!whole || !shownZoom}
              onClick={() => whole && shownZoom && onZoom(zoomed(shownZoom, whole, 2, metric))}
            >
              −
            </Button>
            <Button label="Whole: show all points" disabled={!shownZoom} onClick={() => onZoom(null)}>
              Whole
            </Button>
          </span>
        </figcaption>
        {run && (
          <Legend
            run={run}
            part={part}
            series={series}
            hidden={hidden}
            onPart={setPart}
            onToggle={(key, value) => setHidden(toggled(hidden, key, value))}
            onShowAll={() => setHidden({})}
          />
        )}
        <p id="sweep-description" className="sr-only">
          {inWords(points, frontier, metric)}
        </p>
        <div className="relative min-h-0 flex-1" style={{ minHeight: 160 }}>
          <FrontierChart
            points={points}
            old={before}
            frontier={frontier}
            metric={metric}
            metricLabel={metricLabel(metric)}
            series={seriesAt}
            whole={whole}
            zoom={shownZoom}
            onZoom={onZoom}
            bench={benchMarks}
            marked={mark.recipe}
            onMark={onMark}
            onSend={onSend}
            nothing={
              job ? "The first points are on their way" : failed > 0 ? "Every point failed" : "No sweep yet: press Run"
            }
          />
        </div>
      </figure>
      <Readout point={marked} series={marked && seriesAt(marked)} metric={metric} bench={bench} onSend={onSend} />
      <p role="status" className="sr-only">
        {sent}
      </p>
    </div>
  );
  const shown = lower === "failed" && failed === 0 ? "points" : lower;
  const table = (
    <div className="pane flex h-full min-h-0 flex-col overflow-hidden" style={{ height: narrow ? 520 : undefined }}>
      <div className="flex flex-wrap items-center gap-2 border-line border-b px-2 py-1">
        <Choice
          label="Table shows"
          value={shown}
          onChange={setLower}
          options={[
            { value: "points", label: `Points ${points.length.toLocaleString("en")}` },
            { value: "best", label: `Frontier ${frontier.length}` },
            ...(failed > 0 ? [{ value: "failed" as const, label: `Failed ${failed.toLocaleString("en")}` }] : []),
          ]}
        />
        <span className="min-w-0 truncate text-muted text-xs" title={run?.notes.join("\n") || undefined}>
          {run?.notes.join(" ")} {run?.complete && run.seconds > 0 ? `${run.seconds.toFixed(1)} s` : ""}
        </span>
      </div>
      <div className="min-h-0 flex-1">
        {shown === "failed" && run ? (
          <Failures failures={failures} several={run.tensors.length > 1} />
        ) : (
          <PointTable
            points={shown === "best" ? frontier : points}
            frontier={best}
            metric={metric}
            series={seriesAt}
            marked={mark.recipe}
            pinned={mark.pinned}
            onMark={onMark}
            onSend={onSend}
            bench={bench}
            caption="Points of the sweep"
          />
        )}
      </div>
    </div>
  );
  if (narrow) {
    return (
      <>
        {chart}
        {table}
      </>
    );
  }
  return (
    <Split
      direction="column"
      initial="64%"
      least={[260, 100]}
      label="Resize chart and table"
      first={chart}
      second={table}
    />
  );
}

function tensorWords(run: SweepRun, scope: Scope): string {
  const shown = targetsShown(run, scope);
  const [only] = shown.length === 1 ? [run.tensors[shown[0]]] : [];
  if (only) return `${only.name}  ${only.shape.join(" × ")}`;
  return shown.length === run.tensors.length
    ? `${shown.length} tensors as one`
    : `${shown.length} of ${run.tensors.length} tensors as one, so far`;
}

function inWords(points: readonly PlotPoint[], frontier: readonly PlotPoint[], metric: SweepMetric): string {
  const [first, last] = [frontier[0], frontier.at(-1)];
  if (!first || !last) return "No points yet.";
  return `${points.length} recipes by ${metricLabel(metric)} and bits a weight. ${frontier.length} are on the frontier, from ${first.text} at ${first.bits.toFixed(2)} bits to ${last.text} at ${last.bits.toFixed(2)} bits.`;
}

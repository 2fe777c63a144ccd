/** The frontier and the table of its points, which mark each other; and what failed. */

import { useCallback, useMemo, useState } from "react";
import { printable } from "../../../kernels/text/printable.ts";
import { Button, Choice } from "../../charts/Controls.tsx";
import { type ChartFile, SaveMenu } from "../../charts/SaveChart.tsx";
import type { Side } from "../../charts/types.ts";
import { withRecipe } from "../../state/experiment.ts";
import { useExperiment, useStoreOf, useWorkbench } from "../../state/workbench.ts";
import { Split } from "../../widgets/Split.tsx";
import { AxisSelect } from "./AxisSelect.tsx";
import { type Extent, shortExtent, withinExtent } from "./axes.ts";
import { metricLabel } from "./columns.ts";
import { ASK_SECONDS, costWords } from "./cost.ts";
import { Failures } from "./Failures.tsx";
import { FrontierChart } from "./FrontierChart.tsx";
import { Legend } from "./Legend.tsx";
import { benchEntry, legendEntry } from "./legendEntries.ts";
import { PointTable } from "./PointTable.tsx";
import { failuresOf, frontierOf, metricsFor, type PlotPoint, pointsOf, type Scope } from "./points.ts";
import { Readout } from "./Readout.tsx";
import { isHidden, partValue, seriesOf, toggled } from "./series.ts";
import { type Sweep, sweepOf, withSweep } from "./state.ts";
import { type SweepRun, sweepStoreOf } from "./store.ts";
import { useBenchMarks } from "./useBenchMarks.ts";
import { zoomed } from "./useFrontierGestures.ts";
import { useWholeExtent } from "./useWholeExtent.ts";
import { inWords, noValue, remarksOn, tensorWords, withoutValue } from "./words.ts";

const noPoints: readonly PlotPoint[] = [];

interface Mark {
  recipe: string | null;
  pinned: boolean;
  from: "chart" | "table";
}

interface Props {
  next: SweepRun | null;
  /** What that is estimated to take. */
  seconds: number | null;
  narrow: boolean;
}

export function Results({ next, seconds, narrow }: Props) {
  const w = useWorkbench();
  const run = useStoreOf(sweepStoreOf(w), (s) => s.run);
  const old = useStoreOf(sweepStoreOf(w), (s) => s.old);
  const job = useStoreOf(sweepStoreOf(w), (s) => s.job);
  const { metric, against, part, hidden, shown: wanted, zoom } = useExperiment(sweepOf);
  const a = useExperiment((e) => e.a);
  const b = useExperiment((e) => e.b);
  const [mark, setMark] = useState<Mark>({ recipe: null, pinned: false, from: "table" });
  const [lower, setLower] = useState<"points" | "best" | "failed" | "lessened">("points");
  const [sent, say] = useState("");

  const save = async (kind: ChartFile) => {
    const { exportFrontier, exportPoints } = await import("./exports.ts");
    if (kind === "csv") exportPoints(w, kind);
    else await exportFrontier(w, kind);
  };
  const look = useCallback(
    (change: Partial<Sweep>, merge?: string) => w.timeline.change((e) => withSweep(e, change), { merge }),
    [w],
  );
  const place = run && wanted !== null ? run.tensors.findIndex((t) => t.name === wanted) : -1;
  const scope: Scope = run && run.tensors.length > 1 && place >= 0 ? place : null;
  const all = useMemo(() => (run ? pointsOf(run, scope) : noPoints), [run, scope]);
  const before = useMemo(
    () => (old ? pointsOf(old, scope !== null && scope < old.tensors.length ? scope : null) : noPoints),
    [old, scope],
  );
  const points = useMemo(() => all.filter((point) => !isHidden(hidden, point)), [all, hidden]);
  const frontier = useMemo(() => frontierOf(points, metric, against), [points, metric, against]);
  const best = useMemo(() => new Set(frontier), [frontier]);
  const recipes = run?.recipes;
  const series = useMemo(() => seriesOf(recipes ?? [], part), [recipes, part]);
  const seriesAt = useCallback((point: PlotPoint) => series.get(partValue(point, part))!, [series, part]);
  const failures = useMemo(() => (run ? failuresOf(run) : []), [run]);
  const count = (instead: boolean) =>
    failures.reduce((sum, f) => sum + (f.instead === instead ? f.points.length : 0), 0);
  const [failed, lessened] = [count(false), count(true)];

  // Zoomed stretches belong to a metric; the axes are kept while one run streams in and fitted once when it has ended.
  const extentKey = `${metric} ${against} ${scope} ${run?.key} ${job ? "running" : "ended"}`;
  const whole = useWholeExtent(extentKey, all, before, metric, against);
  const onZoom = useCallback(
    (extent: Extent | null) => look({ zoom: extent && shortExtent(extent) }, "sweep zoom"),
    [look],
  );
  // What is brushed on the chart is what the table lists.
  const inView = useMemo(() => withinExtent(points, zoom, metric, against), [points, zoom, metric, against]);
  const bestInView = useMemo(() => withinExtent(frontier, zoom, metric, against), [frontier, zoom, metric, against]);
  const choices = useMemo(() => [...new Set([...metricsFor(all), metric, against])], [all, metric, against]);
  const benchMarks = useBenchMarks(run, scope, all, metric, against);
  const onMark = useCallback(
    (recipe: string | null, pinned: boolean, from: Mark["from"]) =>
      setMark((now) =>
        (now.pinned && !pinned) || (now.recipe === recipe && now.pinned === pinned)
          ? now
          : { recipe, pinned: pinned && recipe !== null, from },
      ),
    [],
  );
  const onChartMark = useCallback((recipe: string | null, pin: boolean) => onMark(recipe, pin, "chart"), [onMark]);
  const onTableMark = useCallback((recipe: string | null, pin: boolean) => onMark(recipe, pin, "table"), [onMark]);
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

  const legend = JSON.stringify([
    ...[...series.values()]
      .filter(({ value }) => !hidden.some((one) => one.part === part && one.value === value))
      .map(legendEntry),
    ...benchMarks.map(({ side }) => benchEntry(side, bench[side])),
  ]);
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
            {metricLabel(metric)} against {metricLabel(against)}
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
              onChange={(event) => {
                const chosen = event.currentTarget.value;
                look({ shown: chosen === "" ? null : run.tensors[Number(chosen)].name, zoom: null });
              }}
            >
              <option value="">all {run.tensors.length} together</option>
              {run.tensors.map((t, i) => (
                <option key={t.name} value={i}>
                  {printable(t.name)}
                </option>
              ))}
            </select>
          )}
          <span className="flex flex-wrap items-center gap-1">
            <AxisSelect
              label="Error shown"
              value={metric}
              choices={choices}
              onChoose={(m) => look({ metric: m, against: m === against ? metric : against, zoom: null })}
            />
            <span className="text-muted text-xs">against</span>
            <AxisSelect
              label="Against"
              value={against}
              choices={choices}
              onChoose={(m) => look({ against: m, metric: m === metric ? against : metric, zoom: null })}
            />
            <Button
              label="Zoom in"
              disabled={!whole}
              onClick={() => whole && onZoom(zoomed(zoom ?? whole, whole, 0.5, metric, against))}
            >
              +
            </Button>
            <Button
              label="Zoom out"
              disabled={!whole || !zoom}
              onClick={() => whole && zoom && onZoom(zoomed(zoom, whole, 2, metric, against))}
            >
              −
            </Button>
            <Button label="Whole: show all points" disabled={!zoom} onClick={() => onZoom(null)}>
              Whole
            </Button>
            {run && <SaveMenu title="Sweep" onSave={(kind) => void save(kind)} />}
          </span>
        </figcaption>
        {run && (
          <Legend
            run={run}
            part={part}
            series={series}
            hidden={hidden}
            onPart={(part) => look({ part })}
            onToggle={(key, value) => look({ hidden: toggled(hidden, key, value) })}
            onShowAll={() => look({ hidden: [] })}
          />
        )}
        <p id="sweep-description" className="sr-only">
          {inWords(points, frontier, metric, against)}
        </p>
        <div className="relative min-h-0 flex-1" style={{ minHeight: 160 }}>
          <FrontierChart
            points={points}
            old={before}
            frontier={frontier}
            metric={metric}
            against={against}
            series={seriesAt}
            whole={whole}
            variance={run?.variance ?? null}
            zoom={zoom}
            onZoom={onZoom}
            bench={benchMarks}
            marked={mark.recipe}
            onMark={onChartMark}
            onSend={onSend}
            nothing={
              job
                ? "The first points are on their way"
                : points.length > 0
                  ? noValue(withoutValue(points, [metric, against]), points)
                  : failed > 0
                    ? "Every point failed: why stands below"
                    : next && seconds !== null
                      ? seconds > ASK_SECONDS
                        ? `Not begun, since it is long: ${costWords(next, seconds)}. Run begins it, Escape ends it`
                        : "No sweep yet: press Run"
                      : "Nothing to run yet"
            }
          />
        </div>
      </figure>
      <Readout
        point={marked}
        series={marked && seriesAt(marked)}
        metric={metric}
        against={against}
        bench={bench}
        onSend={onSend}
      />
      <p role="status" className="sr-only">
        {sent}
      </p>
    </div>
  );
  const remarks = run ? remarksOn(run, scope, all, metric, against) : [];
  const none = (lower === "failed" && failed === 0) || (lower === "lessened" && lessened === 0);
  const shown = none ? "points" : lower;
  const listed = shown === "failed" || shown === "lessened";
  const table = (
    <div className="pane flex h-full min-h-0 flex-col overflow-hidden" style={{ height: narrow ? 520 : undefined }}>
      <div className="flex flex-wrap items-center gap-2 border-line border-b px-2 py-1">
        <Choice
          label="Table shows"
          value={shown}
          onChange={setLower}
          options={[
            { value: "points", label: `Points ${inView.length.toLocaleString("en")}` },
            { value: "best", label: `Frontier ${bestInView.length}` },
            ...(failed > 0 ? [{ value: "failed" as const, label: `Failed ${failed.toLocaleString("en")}` }] : []),
            ...(lessened > 0
              ? [{ value: "lessened" as const, label: `Without a step ${lessened.toLocaleString("en")}` }]
              : []),
          ]}
        />
        <span className="min-w-0 truncate text-muted text-xs" title={remarks.join("\n") || undefined}>
          {zoom && !listed && `of ${(shown === "best" ? frontier : points).length}, those in sight. `}
          {remarks.join(" ")} {run?.complete && run.seconds > 0 ? `Computed in ${run.seconds.toFixed(1)} s.` : ""}
        </span>
      </div>
      <div className="min-h-0 flex-1">
        {listed && run ? (
          <Failures failures={failures} instead={shown === "lessened"} several={run.tensors.length > 1} />
        ) : (
          <PointTable
            points={shown === "best" ? bestInView : inView}
            frontier={best}
            metric={metric}
            against={against}
            series={seriesAt}
            marked={mark.recipe}
            follow={mark.pinned || mark.from === "chart"}
            onMark={onTableMark}
            onSend={onSend}
            bench={bench}
            caption="Points of the sweep"
            gaussian={run?.variance !== undefined}
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

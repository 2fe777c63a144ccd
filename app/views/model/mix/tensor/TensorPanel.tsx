/** All recipes of the marked tensor: error against bits with intervals, the assigned one marked; what cannot be had is named. */
import { useMemo } from "react";
import { KEEP } from "../../../../../kernels/notation/index.ts";
import { AxisBottom, AxisLeft } from "../../../../charts/Axes.tsx";
import { ChartFrame, Nothing } from "../../../../charts/ChartFrame.tsx";
import { formatCount, formatNumber, formatPercent } from "../../../../charts/numbers.ts";
import { useSize } from "../../../../charts/useSize.ts";
import { useWorkbench } from "../../../../state/workbench.ts";
import { placeLabels } from "../../../sweep/labels.ts";
import { lossTitle } from "../FrontierPane.tsx";
import { frontierAxes } from "../frontierAxes.ts";
import { openOnBench } from "../open.ts";
import { tensorPoints } from "../ParetoMarks.tsx";
import type { MixInView } from "../panel.ts";

/** Of a standard error to each side: 95 % of a Gaussian. */
const SPREAD = 1.96;

export function TensorPanel({ mix }: { mix: MixInView }) {
  const w = useWorkbench();
  const { tensors, table, state, scores, assigned } = mix;
  const [ref, box] = useSize({ width: 480, height: 220 });
  const tensor = useMemo(
    () => (tensors && state.tensor !== null ? tensors.names.indexOf(state.tensor) : -1),
    [tensors, state.tensor],
  );
  const points = useMemo(
    () => (table && tensors && tensor >= 0 ? tensorPoints(table, tensor, tensors.elements[tensor]) : []),
    [table, tensors, tensor],
  );
  const width = table?.choices.length ?? 0;
  const axes = useMemo(() => {
    if (points.length === 0) return null;
    const scored = points.filter(({ choice }) => table?.choices[choice] !== KEEP);
    const drawn = scored.length > 0 ? scored : points;
    return frontierAxes(
      box,
      [drawn[0].bits, drawn[drawn.length - 1].bits],
      points.map(({ loss }) => loss),
    );
  }, [points, box, table]);
  const spots = useMemo(
    () =>
      axes && table
        ? points
            .filter(({ choice }) => table.choices[choice] !== KEEP)
            .map((point) => ({ point, x: axes.x(point.bits), y: axes.y(point.loss) }))
        : [],
    [points, axes, table],
  );
  const labels = useMemo(() => {
    if (!axes || !table) return [];
    const best = spots.filter(({ point }) => point.best);
    const bounds = { x0: axes.left + 2, y0: axes.top - 4, x1: axes.right + 8, y1: axes.bottom - 2 };
    return placeLabels(
      best.map(({ point, x, y }) => ({ x, y, text: table.choices[point.choice] })),
      spots.filter(({ point }) => !point.best),
      { bounds, charWidth: 6.3, lineHeight: 13, radius: 5 },
      false,
      false,
    ).map((label) => ({ ...label, spot: best[label.index] }));
  }, [spots, axes, table]);
  if (!tensors || !scores) return <p className="m-0 text-muted text-xs">No tensor is scored yet.</p>;
  if (tensor < 0) return <p className="m-0 text-muted text-xs">Mark a tensor on the map or in the table.</p>;
  const scored = scores.tensors[tensor];
  const choice = assigned?.choice[tensor] ?? null;
  const refused = scored.refused.flatMap((why, r) => (why === null ? [] : [{ recipe: scores.recipes[r], why }]));
  const deviationOf = (c: number) => table?.deviation?.[tensor * width + c] ?? 0;
  const own = choice !== null ? spots.find(({ point }) => point.choice === choice) : undefined;
  const recipe = choice === null ? null : choice < 0 ? KEEP : (table?.choices[choice] ?? null);
  const loss = lossTitle(state.signal);
  return (
    <div className="flex h-full min-h-[220px] flex-col gap-1">
      <div className="flex flex-wrap items-center gap-x-2 gap-y-1 text-xs">
        <strong className="min-w-0 break-all font-semibold">{tensors.names[tensor]}</strong>
        <span className="text-muted">
          {scored.shape.join(" × ")},{" "}
          {scored.rowsRead < scored.rows
            ? `${formatCount(scored.rowsRead)} of ${formatCount(scored.rows)} rows read`
            : "all rows read"}
        </span>
        <span className="ml-auto inline-flex items-center gap-1">
          {recipe !== null && <code className="font-mono">{recipe}</code>}
          <span className="text-muted">on the Bench as</span>
          {(["a", "b"] as const).map((side) => (
            <button
              key={side}
              type="button"
              className="btn min-h-6 px-1"
              aria-label={`Open on the Bench as ${side.toUpperCase()}`}
              title={`Open on the Bench with its recipe as ${side.toUpperCase()}`}
              onClick={() => openOnBench(w, tensors.names[tensor], recipe, side)}
            >
              <span
                aria-hidden="true"
                className="grid size-4 place-items-center rounded font-semibold text-[11px] text-panel"
                style={{ background: `var(--${side})` }}
              >
                {side.toUpperCase()}
              </span>
            </button>
          ))}
        </span>
      </div>
      <div className="min-h-0 flex-1">
        <ChartFrame
          chart="mix-tensor"
          title="Its recipes"
          description={`${loss} of ${tensors.names[tensor]} against bits under each recipe.`}
          table={() => ({
            caption: `Recipes of ${tensors.names[tensor]}`,
            columns: ["recipe", "bits", loss, "± (95 %)", "on its frontier", "assigned"],
            rows: points.map((p) => [
              ...[table?.choices[p.choice] ?? "", p.bits, p.loss, SPREAD * deviationOf(p.choice)],
              ...[p.best ? "yes" : "", p.choice === choice ? "yes" : ""],
            ]),
          })}
          footer={
            <p className="m-0 min-h-[15px] text-muted text-xs leading-[15px]">
              {own && assigned
                ? `${formatNumber(own.point.loss, 3)}${deviationOf(own.point.choice) > 0 ? ` ± ${formatNumber(SPREAD * deviationOf(own.point.choice), 2)}` : ""}, ${formatPercent(assigned.errorShare[tensor])} of the error${refused.length > 0 ? "; " : ""}`
                : ""}
              {refused.length > 0 && (
                <span title={refused.map((one) => `${one.recipe}: ${one.why}`).join("\n")}>
                  {formatCount(refused.length)} {refused.length === 1 ? "recipe does" : "recipes do"} not take it:{" "}
                  {refused[0].recipe}, {refused[0].why}
                </span>
              )}
            </p>
          }
        >
          <div ref={ref} className="absolute inset-0">
            {!axes || spots.length === 0 ? (
              <Nothing>{refused.length > 0 ? "No recipe of the grid takes this tensor" : "It has no figures"}</Nothing>
            ) : (
              <svg
                width={box.width}
                height={box.height}
                role="img"
                aria-label="Error against bits of the tensor's recipes"
              >
                <AxisLeft
                  x={axes.left}
                  top={axes.top}
                  bottom={axes.bottom}
                  ticks={axes.yTicks}
                  label={loss}
                  grid={axes.right - axes.left}
                />
                <AxisBottom y={axes.bottom} from={axes.left} to={axes.right} ticks={axes.xTicks} label="bits a value" />
                <path
                  d={spots
                    .filter(({ point }) => point.best)
                    .map(({ x, y }, k) => `${k === 0 ? "M" : "L"}${x.toFixed(1)},${y.toFixed(1)}`)
                    .join("")}
                  fill="none"
                  stroke="var(--faint)"
                />
                {spots.map(({ point, x, y }) => {
                  const spread = SPREAD * deviationOf(point.choice);
                  const assignedHere = point.choice === choice;
                  return (
                    <g key={point.choice}>
                      {spread > 0 && (
                        <line
                          x1={x}
                          x2={x}
                          y1={axes.y(Math.max(point.loss - spread, point.loss / 1e3))}
                          y2={axes.y(point.loss + spread)}
                          stroke="var(--faint)"
                        />
                      )}
                      <circle
                        cx={x}
                        cy={y}
                        r={assignedHere ? 5.5 : 3.5}
                        fill={assignedHere ? "var(--mark)" : point.best ? "var(--ink)" : "var(--panel)"}
                        stroke={assignedHere ? "var(--mark)" : "var(--ink)"}
                      >
                        <title>{table?.choices[point.choice]}</title>
                      </circle>
                    </g>
                  );
                })}
                <g fontSize={10.5} fontFamily="var(--font-mono)" fill="var(--muted)">
                  {labels.map(({ spot, x, y, leader }) => (
                    <g key={spot.point.choice}>
                      {leader && (
                        <line
                          x1={spot.x}
                          y1={spot.y}
                          x2={leader.x}
                          y2={leader.y}
                          stroke="var(--faint)"
                          strokeWidth={0.75}
                        />
                      )}
                      <text x={x} y={y} paintOrder="stroke" stroke="var(--panel)" strokeWidth={3}>
                        {table?.choices[spot.point.choice]}
                      </text>
                    </g>
                  ))}
                </g>
              </svg>
            )}
          </div>
        </ChartFrame>
      </div>
    </div>
  );
}

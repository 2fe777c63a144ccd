/** KL window by window, or of all predictions together, A and B over each other. */
import { useMemo } from "react";
import type { NoiseFloor, WindowResult } from "../../../workers/lm/request.ts";
import { AxisBottom, AxisLeft, apart } from "../../charts/Axes.tsx";
import { magnitudeAt } from "../../charts/binning.ts";
import { ChartFrame, Nothing } from "../../charts/ChartFrame.tsx";
import { Choice } from "../../charts/Controls.tsx";
import { formatNumber, formatPercent, tickFormat } from "../../charts/numbers.ts";
import { OctaveChart } from "../../charts/OctaveChart.tsx";
import { scaleLinear } from "../../charts/scale.ts";
import type { Side, Stale } from "../../charts/types.ts";
import { type Size, useSize } from "../../charts/useSize.ts";
import type { ModelState } from "./state.ts";
import { klHistogram, type WindowPoint, windowPoints } from "./windowFigures.ts";

interface Props {
  windows: readonly WindowResult[];
  noise: NoiseFloor | null;
  stale: Stale | null;
  kind: ModelState["chart"];
  onKind: (kind: ModelState["chart"]) => void;
}

const sides = ["a", "b"] as const;
/** Octaves below the largest KL that are drawn. */
const DEPTH = 30;

export function KlCharts(props: Props) {
  return props.kind === "window" ? <ByWindow {...props} /> : <ByToken {...props} />;
}

const Kinds = ({ kind, onKind }: Pick<Props, "kind" | "onKind">) => (
  <Choice
    label="KL of"
    value={kind}
    options={[
      { value: "window", label: "by window" },
      { value: "token", label: "by token" },
    ]}
    onChange={onKind}
  />
);

function ByWindow({ windows, stale, kind, onKind }: Props) {
  const [ref, size] = useSize({ width: 420, height: 220 });
  const points = useMemo(() => windowPoints(windows), [windows]);
  return (
    <ChartFrame
      chart="kl-windows"
      title="KL by window"
      description={`Mean KL of each of ${points.length} windows under A and B, in nats.`}
      caption="KL(model as it is, quantized), nats a prediction, by window. Circles: A; squares: B."
      stale={stale}
      controls={<Kinds kind={kind} onKind={onKind} />}
      table={() => ({
        caption: "Windows",
        columns: ["window", "predictions", "NLL as it is, nats", "KL of A, nats", "KL of B, nats"],
        rows: points.map(({ index, predictions, base, a, b }) => [index + 1, predictions, base, a, b]),
      })}
    >
      <div ref={ref} className="absolute inset-0">
        {points.length === 0 ? <Nothing>No windows yet</Nothing> : <WindowDots points={points} size={size} />}
      </div>
    </ChartFrame>
  );
}

const MARGIN = { top: 22, right: 12, bottom: 34, left: 48 };

function WindowDots({ points, size }: { points: readonly WindowPoint[]; size: Size }) {
  const [left, right] = [MARGIN.left, Math.max(MARGIN.left + 1, size.width - MARGIN.right)];
  const [top, bottom] = [MARGIN.top, Math.max(MARGIN.top + 1, size.height - MARGIN.bottom)];
  const values = points.flatMap(({ a, b }) => [a, b]).filter((x): x is number => x !== null && Number.isFinite(x));
  const most = Math.max(1e-12, ...values);
  const x = scaleLinear()
    .domain([-0.5, points.length - 0.5])
    .range([left, right]);
  const y = scaleLinear().domain([0, most]).range([bottom, top]).nice(4);
  const ticks = y.ticks(4);
  const { format, unit } = tickFormat(ticks);
  const xTicks = apart(
    points.map(({ index }, i) => ({ at: x(i), label: String(index + 1) })),
    26,
  );
  const broken = points.filter(({ a, b }) => Number.isNaN(a) || Number.isNaN(b)).length;
  return (
    <>
      <svg width={size.width} height={size.height} role="img" aria-label="KL by window" className="block">
        <AxisLeft
          {...{ x: left, top: top - 6, bottom, grid: right - left }}
          ticks={ticks.map((v) => ({ at: y(v), label: format(v) }))}
          label={`KL${unit && ` ${unit}`}, nats`}
        />
        <AxisBottom y={bottom} from={left} to={right} ticks={xTicks} label="window of the text" />
        {sides.map((side) => {
          const dots = points.flatMap((point, i) => {
            const v = point[side];
            return v === null || !Number.isFinite(v) ? [] : [{ key: point.index, x: x(i), y: y(v) }];
          });
          return (
            <g key={side} fill={`var(--${side})`} stroke="var(--panel)" strokeWidth={0.75}>
              <polyline
                points={dots.map((dot) => `${dot.x.toFixed(1)},${dot.y.toFixed(1)}`).join(" ")}
                fill="none"
                stroke={`var(--${side})`}
                strokeOpacity={0.5}
                strokeDasharray={side === "b" ? "6 2" : undefined}
              />
              {dots.map((dot) =>
                side === "a" ? (
                  <circle key={dot.key} cx={dot.x} cy={dot.y} r={3.5} />
                ) : (
                  <rect key={dot.key} x={dot.x - 3} y={dot.y - 3} width={6} height={6} />
                ),
              )}
            </g>
          );
        })}
      </svg>
      {broken > 0 && (
        <p className="absolute right-2 bottom-0 m-0 text-bad text-xs">{broken} windows without finite figures</p>
      )}
    </>
  );
}

function ByToken({ windows, noise, stale, kind, onKind }: Props) {
  const [ref, size] = useSize({ width: 420, height: 220 });
  const least = noise?.kl ?? 0;
  const all = useMemo(
    () => sides.map((side) => ({ side, h: klHistogram(windows, side, least) })).filter(({ h }) => h.total > 0),
    [windows, least],
  );
  const series = useMemo(() => all.map(({ side, h }) => ({ side, bins: h.bins, total: h.total })), [all]);
  const range = useMemo(() => {
    const bins = all.flatMap(({ h }) => h.bins);
    if (bins.length === 0) return null;
    const hi = Math.ceil(Math.max(...bins.map((bin) => bin.hi)));
    return { lo: Math.max(hi - DEPTH, Math.floor(Math.min(...bins.map((bin) => bin.lo)))), hi };
  }, [all]);
  const words = (side: Side, h: (typeof all)[number]["h"]) =>
    `${side.toUpperCase()}: ${formatPercent(h.below / h.total)} ${noise ? "at or below the noise floor" : "at or below zero"}${h.broken > 0 ? `, ${h.broken} broken` : ""}`;
  return (
    <ChartFrame
      chart="kl-tokens"
      title="KL by token"
      description="Histogram of the KL of every prediction under A and B, on a logarithmic axis."
      caption="Share of predictions by KL(model as it is, quantized)."
      stale={stale}
      controls={<Kinds kind={kind} onKind={onKind} />}
      table={() => ({
        caption: "Predictions by their KL",
        columns: ["side", "from, nats", "to, nats", "predictions"],
        rows: all.flatMap(({ side, h }) => [
          [side.toUpperCase(), null, least, h.below],
          ...h.bins
            .filter((bin) => bin.count > 0)
            .map((bin) => [side.toUpperCase(), magnitudeAt(bin.lo), magnitudeAt(bin.hi), bin.count]),
          ...(h.broken > 0 ? [[side.toUpperCase(), "not finite", null, h.broken]] : []),
        ]),
      })}
      footer={
        <p className="m-0 flex flex-wrap gap-x-3 text-xs">
          {all.map(({ side, h }) => (
            <span key={side} className={side === "a" ? "text-a" : "text-b"}>
              {words(side, h)}
            </span>
          ))}
          {noise && <span className="text-muted">noise floor {formatNumber(noise.kl, 2)} nats</span>}
        </p>
      }
    >
      <div ref={ref} className="absolute inset-0">
        {range ? (
          <OctaveChart
            size={size}
            series={series}
            range={range}
            xLabel="KL in nats (log₂)"
            yLabel="share of predictions"
          />
        ) : (
          <Nothing>{all.length > 0 ? "No prediction's KL is above the floor" : "No predictions yet"}</Nothing>
        )}
      </div>
    </ChartFrame>
  );
}

/** Measured KL with standard errors, against size or against the prediction; both axes of KL are logarithmic. */
import { useMemo } from "react";
import { AxisBottom, AxisLeft, apart, FONT } from "../../../../charts/Axes.tsx";
import { Nothing } from "../../../../charts/ChartFrame.tsx";
import { formatNumber } from "../../../../charts/numbers.ts";
import { type Scale, scaleLinear, scaleLog } from "../../../../charts/scale.ts";
import { type Size, useSize } from "../../../../charts/useSize.ts";
import { colourOfKind, PointMark } from "./marks.tsx";
import { type MeasuredPoint, measuredKl } from "./points.ts";

export const chartKinds = ["size", "prediction"] as const;
export type ChartKind = (typeof chartKinds)[number];

/** Predicted KL along the frontier; null where predictions are no KL and nothing was fitted. */
export interface PredictedLine {
  bits: ArrayLike<number>;
  kl: ArrayLike<number>;
  /** "predicted" or how it was fitted. */
  label: string;
}

export interface MeasuredChartProps {
  points: readonly MeasuredPoint[];
  kind: ChartKind;
  line: PredictedLine | null;
  /** What predictions are in, for the axis. */
  unit: string;
  /** KL over prediction along the line of the second chart: 1 where predictions are KL; null for no line. */
  slope: number | null;
  noise: number | null;
}

const MARGIN = { top: 20, right: 14, bottom: 34, left: 58 };
/** Points of a line that are drawn. */
const STEPS = 400;

/** Powers of ten within, or the ends where there is none. */
function decadesOf(lo: number, hi: number): number[] {
  const found: number[] = [];
  for (let e = Math.ceil(Math.log10(lo) - 1e-9); e <= Math.log10(hi) + 1e-9; e++) found.push(10 ** e);
  if (found.length >= 2) return found;
  const inner = [1, 2, 5].flatMap((m) => [-1, 0, 1].map((d) => m * 10 ** (Math.floor(Math.log10(hi)) + d)));
  return inner.filter((t) => t >= lo && t <= hi).sort((x, y) => x - y);
}

const spread = (values: readonly number[]): [number, number] | null => {
  const good = values.filter((v) => Number.isFinite(v) && v > 0);
  if (good.length === 0) return null;
  const [lo, hi] = [Math.min(...good), Math.max(...good)];
  return [lo / 1.25, hi * 1.25];
};

export function MeasuredChart(props: MeasuredChartProps) {
  const [ref, size] = useSize({ width: 420, height: 240 });
  const drawable = props.points.filter(
    (point) =>
      (measuredKl(point) ?? 0) > 0 && (props.kind === "size" ? point.bits !== null : (point.predicted ?? 0) > 0),
  );
  return (
    <div ref={ref} className="absolute inset-0">
      {drawable.length === 0 ? (
        <Nothing>Nothing is measured yet</Nothing>
      ) : (
        <Plot {...props} drawable={drawable} size={size} />
      )}
    </div>
  );
}

function Plot(props: MeasuredChartProps & { drawable: readonly MeasuredPoint[]; size: Size }) {
  const { drawable, kind, line, unit, slope, noise, size } = props;
  const [left, right] = [MARGIN.left, Math.max(MARGIN.left + 1, size.width - MARGIN.right)];
  const [top, bottom] = [MARGIN.top, Math.max(MARGIN.top + 1, size.height - MARGIN.bottom)];
  const { x, y, curve } = useMemo(() => {
    const kls = drawable.flatMap((point) => {
      const { value, stderr } = point.measured!;
      return stderr === null ? [value!] : [value! - stderr, value!, value! + stderr];
    });
    const across = drawable.map((point) => (kind === "size" ? point.bits! : point.predicted!));
    let near: { a: number; kl: number }[] = [];
    if (kind === "size" && line) {
      const [lo, hi] = [Math.min(...across), Math.max(...across)];
      const room = Math.max(0.15, 0.15 * (hi - lo));
      near = Array.from(line.bits, (a, i) => ({ a, kl: line.kl[i] })).filter(
        ({ a, kl }) => a >= lo - room && a <= hi + room && kl > 0 && Number.isFinite(kl),
      );
    }
    const y: Scale = scaleLog()
      .domain(spread([...kls, ...near.map(({ kl }) => kl)])!)
      .range([bottom, top]);
    const all = [...across, ...near.map(({ a }) => a)];
    const [lo, hi] = [Math.min(...all), Math.max(...all)];
    const x: Scale =
      kind === "size"
        ? scaleLinear()
            .domain(hi > lo ? [lo - 0.05 * (hi - lo), hi + 0.05 * (hi - lo)] : [lo - 0.1, hi + 0.1])
            .range([left, right])
        : scaleLog().domain(spread(across)!).range([left, right]);
    if (kind === "prediction" && slope !== null) {
      const [from, to] = x.domain();
      near = [from, to].map((a) => ({ a, kl: a * slope }));
    }
    const step = Math.max(1, Math.ceil(near.length / STEPS));
    const curve = near.filter((_, i) => i % step === 0 || i === near.length - 1);
    return { x, y, curve };
  }, [drawable, kind, line, slope, left, right, top, bottom]);
  const [yLo, yHi] = y.domain();
  const [xLo, xHi] = x.domain();
  const xTicks = kind === "size" ? scaleLinear().domain([xLo, xHi]).range([left, right]).ticks(6) : decadesOf(xLo, xHi);
  const at = (point: MeasuredPoint) => x(kind === "size" ? point.bits! : point.predicted!);
  return (
    <svg
      width={size.width}
      height={size.height}
      role="img"
      aria-label={kind === "size" ? "Measured KL against bits a weight" : "Measured KL against the prediction"}
      className="block"
    >
      <AxisLeft
        {...{ x: left, top, bottom, grid: right - left, label: "measured KL, nats (log)" }}
        ticks={apart(
          decadesOf(yLo, yHi).map((v) => ({ at: y(v), label: formatNumber(v, 1) })),
          13,
        )}
      />
      <AxisBottom
        {...{ y: bottom, from: left, to: right, label: kind === "size" ? "bits a weight" : `predicted, ${unit} (log)` }}
        ticks={apart(
          xTicks.map((v) => ({ at: x(v), label: kind === "size" ? String(v) : formatNumber(v, 1) })),
          40,
        )}
      />
      {noise !== null && noise > yLo && noise < yHi && (
        <g>
          <line x1={left} x2={right} y1={y(noise)} y2={y(noise)} stroke="var(--muted)" strokeDasharray="2 3" />
          <text {...FONT} x={right} y={y(noise) - 3} textAnchor="end" fill="var(--muted)">
            noise of sums
          </text>
        </g>
      )}
      <polyline
        points={curve
          .map(({ a, kl }) => `${x(a).toFixed(1)},${Math.max(top - 8, Math.min(bottom, y(kl))).toFixed(1)}`)
          .join(" ")}
        fill="none"
        stroke="var(--a)"
        strokeWidth={1.25}
        strokeDasharray="5 3"
      />
      {drawable.map((point) => {
        const { value, stderr } = point.measured!;
        const [px, py] = [at(point), y(value!)];
        const low = stderr === null ? py : value! - stderr > yLo ? y(value! - stderr) : bottom;
        return (
          <g key={point.id} data-point={point.kind}>
            <title>{`${point.label}: KL ${formatNumber(value)} nats`}</title>
            {stderr !== null && (
              <line
                x1={px}
                x2={px}
                y1={y(value! + stderr)}
                y2={low}
                stroke={colourOfKind(point.kind)}
                strokeWidth={1.25}
              />
            )}
            <PointMark kind={point.kind} x={px} y={py} />
          </g>
        );
      })}
    </svg>
  );
}

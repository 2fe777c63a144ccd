/** Histograms of magnitudes of A and B on an axis of octaves, as shares, with the marked element's values on it. */
import { memo } from "react";
import { AxisBottom, AxisLeft, apart, FONT } from "./Axes.tsx";
import { type Bin, octave, octaveTicks } from "./binning.ts";
import { formatShare, powerOfTwo } from "./numbers.ts";
import { scaleLinear } from "./scale.ts";
import type { Side } from "./types.ts";
import type { Size } from "./useSize.ts";

export const SMALL_MARGIN = { top: 22, right: 18, bottom: 34, left: 42 };

export interface OctaveSeries {
  side: Side;
  bins: readonly Bin[];
  /** What shares are of. */
  total: number;
}

export interface OctaveRange {
  lo: number;
  hi: number;
}

const frame = (size: Size) => ({
  left: SMALL_MARGIN.left,
  right: Math.max(SMALL_MARGIN.left + 1, size.width - SMALL_MARGIN.right),
  top: SMALL_MARGIN.top,
  bottom: Math.max(SMALL_MARGIN.top + 1, size.height - SMALL_MARGIN.bottom),
});

export const OctaveChart = memo(function OctaveChart(props: {
  size: Size;
  series: readonly OctaveSeries[];
  range: OctaveRange;
  xLabel: string;
  yLabel: string;
}) {
  const { size, series, range } = props;
  const { left, right, top, bottom } = frame(size);
  const most = Math.max(1e-9, ...series.flatMap((s) => s.bins.map((bin) => bin.count / Math.max(1, s.total))));
  const x = scaleLinear().domain([range.lo, range.hi]).range([left, right]);
  const y = scaleLinear().domain([0, most]).range([bottom, top]).nice(3);
  const yTicks = y.ticks(3).map((v) => ({ at: y(v), label: formatShare(v) }));
  const xTicks = octaveTicks(range.lo, range.hi, (right - left) / 38).map((t) => ({ at: x(t), label: powerOfTwo(t) }));
  return (
    <svg
      width={size.width}
      height={size.height}
      role="img"
      aria-label={`${props.yLabel} by ${props.xLabel}`}
      className="block"
    >
      <AxisLeft x={left} top={top} bottom={bottom} ticks={apart(yTicks, 13)} grid={right - left} />
      <text {...FONT} x={2} y={12} fill="var(--muted)">
        {props.yLabel}
      </text>
      <AxisBottom y={bottom} from={left} to={right} ticks={xTicks} label={props.xLabel} />
      {series.map((s) => {
        const steps = s.bins
          .filter((bin) => bin.hi > range.lo && bin.lo < range.hi)
          .map((bin) => `V${y(bin.count / Math.max(1, s.total)).toFixed(1)}H${x(bin.hi).toFixed(1)}`)
          .join("");
        const first = s.bins.find((bin) => bin.hi > range.lo);
        if (!first || !steps) return null;
        const path = `M${x(first.lo).toFixed(1)} ${bottom}${steps}V${bottom}`;
        return (
          <g key={s.side}>
            <path d={path} fill={`var(--${s.side})`} fillOpacity={s.side === "a" ? 0.22 : 0.12} />
            <path
              d={path}
              fill="none"
              stroke={`var(--${s.side})`}
              strokeWidth={1.5}
              strokeDasharray={s.side === "b" ? "6 2" : undefined}
            />
          </g>
        );
      })}
    </svg>
  );
});

/** Marks of the highlighted element's magnitudes, above the histograms. */
export function OctaveMarks(props: {
  size: Size;
  range: OctaveRange;
  marks: readonly { side: Side; magnitude: number | null }[];
}) {
  const { left, right, top, bottom } = frame(props.size);
  const x = scaleLinear().domain([props.range.lo, props.range.hi]).range([left, right]).clamp(true);
  return (
    <svg
      width={props.size.width}
      height={props.size.height}
      className="pointer-events-none absolute inset-0"
      aria-hidden="true"
    >
      {props.marks.map(({ side, magnitude }) =>
        magnitude ? (
          <g key={side} transform={`translate(${x(octave(magnitude))},0)`}>
            <line y1={top} y2={bottom} stroke="var(--mark)" strokeDasharray={side === "b" ? "6 2" : undefined} />
            <path d={`M-4 ${top - 7}h8l-4 6z`} fill={`var(--${side})`} stroke="var(--mark)" />
          </g>
        ) : null,
      )}
    </svg>
  );
}

/** The lines of the error profiles and their axes; no pointer moves them. */
import { memo } from "react";
import { AxisBottom, AxisLeft, apart } from "../../charts/Axes.tsx";
import { envelope } from "../../charts/decimate.ts";
import { formatCount, formatNumber, formatShortCount, tickFormat } from "../../charts/numbers.ts";
import { errorDomain, type Series } from "../../charts/profileSeries.ts";
import { type LinearScale, type Scale, scaleLinear, scaleLog } from "../../charts/scale.ts";

export const PROFILE_MARGIN = { top: 24, right: 12, bottom: 34, left: 52 };

interface ProfileLinesProps {
  width: number;
  height: number;
  series: readonly Series[];
  xLabel: string;
  yLabel: string;
}

export const ProfileLines = memo(function ProfileLines({ width, height, series, xLabel, yLabel }: ProfileLinesProps) {
  const [left, right] = [PROFILE_MARGIN.left, Math.max(PROFILE_MARGIN.left + 1, width - PROFILE_MARGIN.right)];
  const [top, bottom] = [PROFILE_MARGIN.top, Math.max(PROFILE_MARGIN.top + 1, height - PROFILE_MARGIN.bottom)];
  const domain = errorDomain(series);
  const y: Scale = domain.log
    ? scaleLog().domain([domain.lo, domain.hi]).range([bottom, top])
    : scaleLinear().domain([0, domain.hi]).range([bottom, top]).nice(4);
  const count = Math.max(1, ...series.map((s) => s.values.length));
  const step = series[0]?.step ?? 1;
  const x = scaleLinear().domain([0, count]).range([left, right]);
  const yValues = domain.log
    ? decades(domain.lo, domain.hi)
    : (y as LinearScale).ticks(Math.max(2, Math.floor((bottom - top) / 36)));
  const { format, unit } = tickFormat(yValues);
  const yTicks = yValues.map((v) => ({ at: y(v), label: domain.log ? formatNumber(v, 1) : format(v) }));
  const xTicks = x
    .ticks(Math.max(1, Math.floor((right - left) / 70)))
    .filter((t) => Number.isInteger(t) && t < count)
    .map((t) => ({ at: x(t + (count <= right - left ? 0.5 : 0)), label: formatShortCount(t * step) }));
  const suffix = domain.log ? ", log" : unit ? ` (${unit})` : "";
  return (
    <svg width={width} height={height} role="img" aria-label={`${yLabel} by ${xLabel}`} className="block">
      <AxisLeft x={left} top={top} bottom={bottom} ticks={apart(yTicks, 14)} grid={right - left} />
      <text x={4} y={14} fontSize={11} fontFamily="var(--font-sans)" fill="var(--muted)">
        {yLabel + suffix}
      </text>
      <AxisBottom
        y={bottom}
        from={left}
        to={right}
        ticks={xTicks}
        label={`${xLabel} of ${formatCount(count * step)}`}
      />
      {series.map((s) => (
        <Line key={s.side} series={s} left={left} right={right} y={y} floor={domain.log ? domain.lo : 0} />
      ))}
    </svg>
  );
});

/** Powers of ten inside the range, thinned to at most six; both ends where there is none. */
function decades(lo: number, hi: number): number[] {
  const [from, to] = [Math.ceil(Math.log10(lo) - 1e-9), Math.floor(Math.log10(hi) + 1e-9)];
  if (to < from) return [lo, hi];
  const step = Math.max(1, Math.ceil((to - from + 1) / 6));
  return Array.from({ length: Math.floor((to - from) / step) + 1 }, (_, k) => 10 ** (from + k * step));
}

/** Steps where each index has a pixel; else the band between least and greatest, with the greatest drawn as a line. */
function Line(props: { series: Series; left: number; right: number; y: Scale; floor: number }) {
  const { series, left, right, floor } = props;
  const n = series.values.length;
  const e = envelope(series.values, right - left);
  const px = (position: number) => (left + (position / n) * (right - left)).toFixed(1);
  const py = (v: number) => props.y(Math.max(floor, v)).toFixed(1);
  const decimated = e.min.length < n;
  let greatest = "";
  let least = "";
  for (let k = 0; k < e.min.length; k++) {
    if (Number.isNaN(e.max[k])) continue;
    const [x0, x1] = [px(e.start[k]), px(e.start[k + 1])];
    greatest += `${greatest ? "L" : "M"}${x0} ${py(e.max[k])}H${x1}`;
    if (decimated) least = `L${x1} ${py(e.min[k])}H${x0}${least}`;
  }
  const color = `var(--${series.side})`;
  const b = series.side === "b";
  return (
    <g>
      {decimated && greatest && (
        <path d={`${greatest}${least}Z`} fill={color} fillOpacity={b ? 0.16 : 0.24} stroke="none" />
      )}
      <path
        d={greatest}
        fill="none"
        stroke={color}
        strokeWidth={n > 400 ? 1 : 1.5}
        strokeDasharray={b ? "6 2" : undefined}
      />
    </g>
  );
}

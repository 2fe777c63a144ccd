/** The part of the value histogram that no pointer moves: bars, axes and rulers. */
import { memo } from "react";
import { AxisBottom, AxisLeft, apart, FONT } from "../../charts/Axes.tsx";
import type { Bin } from "../../charts/binning.ts";
import { formatCount, formatNumber, formatShortCount, tickFormat } from "../../charts/numbers.ts";
import { type LinearScale, scaleLinear, scaleLog } from "../../charts/scale.ts";
import type { Side } from "../../charts/types.ts";
import { MARGIN, RULER, type Ruler, rulerMarks } from "./valueLayout.ts";

/** A second distribution over the bars. */
export interface Outline {
  side: Side;
  bins: readonly Bin[];
}

interface ValueBarsProps {
  width: number;
  height: number;
  x: LinearScale;
  bins: readonly Bin[];
  axis: "log" | "linear";
  /** The same bins of the values after the steps of a side. */
  outlines: readonly Outline[];
  rulers: readonly Ruler[];
  /** Elements left and right of what is shown. */
  outside: { below: number; above: number };
}

export function ValueBars({ width, height, x, bins, axis, outlines, rulers, outside }: ValueBarsProps) {
  const top = MARGIN.top;
  const bottom = Math.max(top + 20, height - MARGIN.bottom);
  return (
    <svg
      width={width}
      height={height}
      role="img"
      aria-label="Histogram of values with the levels of A and B"
      className="block"
    >
      <Bars
        height={height}
        x={x}
        bins={bins}
        axis={axis}
        outlines={outlines}
        room={rulers.some((r) => r.side === "b") ? RULER + 3 : 0}
      />
      <Outside x={x} y={top + 22} {...outside} />
      {rulers.map((ruler) => (
        <RulerMarks key={ruler.side} ruler={ruler} x={x} top={top} bottom={bottom} height={height} />
      ))}
    </svg>
  );
}

/** Bars and axes, which stay when a pointer moves from block to block and the rulers follow its scales. */
const Bars = memo(function Bars(
  props: Pick<ValueBarsProps, "height" | "x" | "bins" | "axis" | "outlines"> & {
    /** Room between bars and axis, for a ruler. */
    room: number;
  },
) {
  const { height, x, bins, axis, outlines, room } = props;
  const top = MARGIN.top;
  const bottom = Math.max(top + 20, height - MARGIN.bottom);
  const most = [bins, ...outlines.map((o) => o.bins)].flat().reduce((m, bin) => Math.max(m, bin.count), 1);
  const y =
    axis === "log"
      ? scaleLog()
          .domain([0.7, Math.max(10, most)])
          .range([bottom, top])
      : scaleLinear().domain([0, most]).range([bottom, top]).nice(4);
  const yValues =
    axis === "log"
      ? Array.from({ length: Math.floor(Math.log10(Math.max(10, most))) + 1 }, (_, k) => 10 ** k)
      : (y as LinearScale).ticks(Math.max(2, Math.floor((bottom - top) / 40)));
  const yTicks = apart(
    yValues.map((v) => ({ at: y(v), label: formatShortCount(v) })),
    16,
  );
  const [from, to] = x.range();
  const values = x.ticks(Math.max(2, Math.floor((to - from) / 80)));
  const { format, unit } = tickFormat(values);
  const bars = bins
    .filter((bin) => bin.count > 0)
    .map((bin) => {
      const [left, right] = [Math.max(from, x(bin.lo)), Math.min(to, x(bin.hi))];
      const gap = right - left > 3 ? 1 : 0;
      return right > left
        ? `M${left.toFixed(2)} ${bottom}V${y(bin.count).toFixed(2)}H${(right - gap).toFixed(2)}V${bottom}Z`
        : "";
    })
    .join("");
  return (
    <>
      <AxisLeft x={from} top={top} bottom={bottom} ticks={yTicks} grid={to - from} />
      <text {...FONT} x={from - 6} y={top - 8} textAnchor="end" fill="var(--muted)">
        count
      </text>
      <path d={bars} fill="var(--faint)" fillOpacity={0.55} />
      {outlines.map(({ side, bins: after }) => (
        <path
          key={side}
          data-outline={side}
          d={after
            .map((bin, i) => {
              const [left, right] = [Math.max(from, x(bin.lo)), Math.min(to, x(bin.hi))];
              const at = bin.count > 0 ? y(bin.count).toFixed(2) : bottom;
              return `${i === 0 ? `M${left.toFixed(2)} ${bottom}` : ""}V${at}H${right.toFixed(2)}`;
            })
            .join("")}
          fill="none"
          stroke={`var(--${side})`}
          strokeWidth={1.5}
          strokeDasharray={side === "b" ? "6 2" : undefined}
        />
      ))}
      <AxisBottom
        y={bottom + room}
        from={from}
        to={to}
        ticks={values.map((v) => ({ at: x(v), label: format(v) }))}
        label={unit ? `value (${unit})` : "value"}
      />
    </>
  );
});

/** How many elements lie beyond either edge. */
function Outside(props: { x: LinearScale; y: number; below: number; above: number }) {
  const { x, y, below, above } = props;
  const [from, to] = x.range();
  const text = { ...FONT, y, fill: "var(--muted)", stroke: "var(--panel)", strokeWidth: 3, paintOrder: "stroke" };
  return (
    <>
      {below > 0 && (
        <text {...text} x={from + 4}>
          ◂ {formatCount(below)} beyond
        </text>
      )}
      {above > 0 && (
        <text {...text} x={to} textAnchor="end">
          {formatCount(above)} beyond ▸
        </text>
      )}
    </>
  );
}

/** Median distance of neighbours: fine marks around zero must not be drowned by guides. */
function typicalGap(marks: readonly number[]): number {
  const gaps = marks.slice(1).map((px, i) => px - marks[i]);
  return gaps.sort((p, q) => p - q)[gaps.length >> 1] ?? 0;
}

/** Pixels a character of a ruler's label takes, at most on average. */
const CHAR = 5.9;

/** A label without its last clauses where it is wider than its room. */
function fitting(label: string, room: number): string {
  const cut = label.lastIndexOf(", ");
  return cut < 0 || label.length * CHAR <= room ? label : fitting(label.slice(0, cut), room);
}

function RulerMarks(props: { ruler: Ruler; x: LinearScale; top: number; bottom: number; height: number }) {
  const { ruler, x, top, bottom } = props;
  const above = ruler.side === "a";
  const [from, to] = x.range();
  const marks = rulerMarks(ruler, x);
  const roomy = typicalGap(marks) >= 8;
  const base = above ? top - 2 : bottom + 2;
  const tip = above ? base - RULER : base + RULER;
  const middle = (top + bottom) / 2;
  const text = above ? 11 : props.height - 3;
  const name = ruler.side.toUpperCase();
  const label = ruler.levels
    ? `${name} levels × ${formatNumber(ruler.scale)}, ${ruler.note}`
    : /^given\b/.test(ruler.recipe)
      ? `${name} is given: its levels are not known`
      : `${name} has more than 4,096 levels`;
  const shown = fitting(label, to);
  const wide = shown.length * CHAR > to - from;
  return (
    <g>
      {roomy && (
        <path
          d={marks.map((px) => `M${px.toFixed(2)} ${above ? top : bottom}V${middle}`).join("")}
          stroke={`var(--${ruler.side})`}
          strokeOpacity={0.3}
          strokeDasharray={above ? undefined : "2 2"}
        />
      )}
      <line x1={from} x2={to} y1={base} y2={base} stroke={`var(--${ruler.side})`} strokeOpacity={0.5} />
      <path
        d={marks.map((px) => `M${px.toFixed(2)} ${base}V${tip}`).join("")}
        stroke={`var(--${ruler.side})`}
        strokeWidth={roomy ? 1.5 : 1}
        strokeOpacity={roomy ? 1 : 0.7}
      />
      {/* Where it is wider than the axis it begins before that. */}
      <text {...FONT} x={wide ? to : from} y={text} textAnchor={wide ? "end" : "start"} fill={`var(--${ruler.side})`}>
        {shown}
      </text>
    </g>
  );
}

/** What moves over the value histogram: the marked element's value and cells, the pointer, the brush. */
import { FONT } from "../../charts/Axes.tsx";
import { type Bin, binAt } from "../../charts/binning.ts";
import { formatCount, formatNumber } from "../../charts/numbers.ts";
import type { LinearScale } from "../../charts/scale.ts";
import type { Range } from "../../charts/types.ts";
import type { Outline } from "./ValueBars.tsx";
import { MARGIN, RULER, type Ruler, rulerCell } from "./valueLayout.ts";

export interface ValuePoint {
  value: number | null;
  brush: Range | null;
}

export function ValueOverlay(props: {
  width: number;
  height: number;
  x: LinearScale;
  bins: readonly Bin[];
  outlines: readonly Outline[];
  rulers: readonly Ruler[];
  point: ValuePoint;
  /** Value of the marked element. */
  mark: number | null;
}) {
  const { x, point, mark, rulers } = props;
  const [from, to] = x.range();
  const top = MARGIN.top;
  const bottom = Math.max(top + 20, props.height - MARGIN.bottom);
  const inside = (v: number | null): v is number => v !== null && x(v) >= from - 0.5 && x(v) <= to + 0.5;
  // Cells at the ends of the range are open, and a scale makes NaN of infinity.
  const clamp = (v: number) => (v === Infinity ? to : v === -Infinity ? from : Math.max(from, Math.min(to, x(v))));
  const pointed = inside(point.value) && !point.brush ? point.value : null;
  // The pointer's own reading wins over the marked element's while it is there.
  const read = pointed ?? mark;
  return (
    <svg width={props.width} height={props.height} className="pointer-events-none absolute inset-0" aria-hidden="true">
      {read !== null &&
        rulers.map((ruler) => {
          // Levels apply to what enters the quantizer, which steps make another value of.
          const cell = rulerCell(ruler, pointed ?? ruler.input ?? read);
          if (!cell) return null;
          const [left, right] = [clamp(cell.lo), clamp(cell.hi)];
          const above = ruler.side === "a";
          const middle = (top + bottom) / 2;
          return (
            <g key={ruler.side}>
              <rect
                x={left}
                width={Math.max(0, right - left)}
                y={above ? top - 2 - RULER : middle}
                height={above ? middle - top + 2 + RULER : bottom - middle + 2 + RULER}
                fill={`var(--${ruler.side})`}
                fillOpacity={0.14}
              />
              {inside(cell.level) && (
                <line
                  x1={x(cell.level)}
                  x2={x(cell.level)}
                  y1={above ? top - 3 - RULER : bottom + 1}
                  y2={above ? top - 1 : bottom + 3 + RULER}
                  stroke={`var(--${ruler.side})`}
                  strokeWidth={3}
                />
              )}
            </g>
          );
        })}
      {inside(mark) && (
        <g>
          <line x1={x(mark)} x2={x(mark)} y1={top} y2={bottom} stroke="var(--mark)" strokeWidth={1.5} />
          <path d={`M${x(mark)} ${bottom}l-4 6h8z`} fill="var(--mark)" />
        </g>
      )}
      {point.brush && (
        <rect
          x={x(point.brush.lo)}
          width={Math.max(0, x(point.brush.hi) - x(point.brush.lo))}
          y={top}
          height={bottom - top}
          fill="var(--accent)"
          fillOpacity={0.15}
          stroke="var(--accent)"
        />
      )}
      {pointed !== null && (
        <line x1={x(pointed)} x2={x(pointed)} y1={top} y2={bottom} stroke="var(--ink)" strokeOpacity={0.4} />
      )}
      <text
        {...FONT}
        x={to}
        y={24}
        textAnchor="end"
        fill={pointed === null ? "var(--mark)" : "var(--ink)"}
        stroke="var(--panel)"
        strokeWidth={3}
        paintOrder="stroke"
      >
        {readout(read, pointed === null, props.bins, props.outlines)}
      </text>
    </svg>
  );
}

function readout(value: number | null, marked: boolean, bins: readonly Bin[], outlines: readonly Outline[]): string {
  if (value === null) return "";
  const k = binAt(bins, value);
  const after = outlines.map((o) => `, ${o.side.toUpperCase()} ${formatCount(o.bins[k]?.count ?? 0)}`).join("");
  return `${marked ? "marked " : ""}${formatNumber(value, 4)}${k >= 0 ? ` · ${formatCount(bins[k].count)} in bin${after && `, after steps${after}`}` : ""}`;
}

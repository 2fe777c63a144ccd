import { memo, useId } from "react";
import { AxisBottom, AxisLeft, apart, FONT, type Tick } from "../../charts/Axes.tsx";
import type { ColorScale, ColorTable } from "../../charts/colormap.ts";
import { formatNumber } from "../../charts/numbers.ts";
import { scaleLinear } from "../../charts/scale.ts";
import type { MatrixWindow } from "../../charts/types.ts";
import type { Size } from "../../charts/useSize.ts";
import { type FieldKind, fieldLabel } from "./mapField.ts";

/** Room for the legend above, row numbers at the left and column numbers below. */
export const MAP_MARGIN = { top: 34, right: 10, bottom: 34, left: 46 };

/** Row and column numbers, and the legend of colours with its unit. */
export const HeatMapAxes = memo(function HeatMapAxes(props: {
  size: Size;
  view: MatrixWindow;
  scale: ColorScale;
  table: ColorTable;
  kind: FieldKind;
  /** Whether the blocks of both recipes are outlined. */
  paired: boolean;
}) {
  const { size, view, scale, table, kind } = props;
  const right = size.width - MAP_MARGIN.right;
  const bottom = size.height - MAP_MARGIN.bottom;
  const cols = indexTicks(view.col0, view.col1, MAP_MARGIN.left, right, 64);
  const rows = indexTicks(view.row0, view.row1, MAP_MARGIN.top, bottom, 32);
  return (
    <svg
      width={size.width}
      height={size.height}
      className="pointer-events-none absolute inset-0"
      role="img"
      aria-label="Row and column numbers and the legend of colours"
    >
      <AxisBottom y={bottom} from={MAP_MARGIN.left} to={right} ticks={cols} label="column" />
      <AxisLeft x={MAP_MARGIN.left} top={MAP_MARGIN.top} bottom={bottom} ticks={apart(rows, 14)} />
      <text {...FONT} x={MAP_MARGIN.left - 6} y={MAP_MARGIN.top - 8} textAnchor="end" fill="var(--muted)">
        row
      </text>
      <Legend right={right} scale={scale} table={table} kind={kind} />
      {props.paired && (
        <text {...FONT} x={MAP_MARGIN.left} y={25} fill="var(--muted)">
          blocks: A —, B - -
        </text>
      )}
    </svg>
  );
});

/** Whole indices, at the middle of their row or column where these are wide, else at their start. */
function indexTicks(from: number, to: number, start: number, end: number, gap: number): Tick[] {
  const px = scaleLinear().domain([from, to]).range([start, end]);
  const cell = (end - start) / (to - from);
  return px
    .ticks(Math.max(1, Math.floor((end - start) / gap)))
    .filter((t) => Number.isInteger(t) && t < to)
    .map((t) => ({ at: px(t) + cell / 2, label: String(t) }))
    .filter((t) => t.at >= start && t.at <= end);
}

/** Pixels a character of the legend takes, at most on average. */
const CHAR = 6.2;

function Legend(props: { right: number; scale: ColorScale; table: ColorTable; kind: FieldKind }) {
  const { right, scale, table, kind } = props;
  const id = useId();
  const stops = Array.from({ length: 17 }, (_, i) => {
    const k = 3 * Math.round((i / 16) * 255);
    return (
      <stop key={i} offset={`${(i / 16) * 100}%`} stopColor={`rgb(${table[k]},${table[k + 1]},${table[k + 2]})`} />
    );
  });
  const unit = kind === "ratio" ? " dB" : "";
  const [low, high] = [scale.lo, scale.hi].map((v) => formatNumber(v, 2) + unit);
  const ends = [scale.kind === "linear" ? low : `≤ ${low}`, `≥ ${high}`];
  // At least so wide that its ends can be told apart.
  const written = (ends[0].length + ends[1].length + (scale.kind === "diverging" ? 4 : 2)) * CHAR;
  const width = Math.max(written, Math.min(150, right - 230));
  const left = right - width;
  const title = legendTitle(kind, scale);
  const fits = title.length * CHAR < left - 8;
  return (
    <g {...FONT} fill="var(--muted)">
      <linearGradient id={id}>{stops}</linearGradient>
      <rect x={left} y={4} width={width} height={8} fill={`url(#${id})`} stroke="var(--line)" />
      <text x={left} y={25}>
        {ends[0]}
      </text>
      {scale.kind === "diverging" && (
        <text x={(left + right) / 2} y={25} textAnchor="middle">
          0
        </text>
      )}
      <text x={right} y={25} textAnchor="end">
        {ends[1]}
      </text>
      <text x={left - 8} y={12} textAnchor="end">
        {fits ? title : title.split(",")[0]}
      </text>
    </g>
  );
}

function legendTitle(kind: FieldKind, scale: ColorScale): string {
  if (kind === "magnitude") return `${fieldLabel(kind)}, ${scale.kind}`;
  return kind === "signed" ? "error, with sign" : "B worse ◂ rms error ▸ A worse";
}

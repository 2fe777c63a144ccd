/** What the heat map says of the marked element: a crosshair over it, and two lines below. */

import type { Report } from "../../../kernels/measure/report.ts";
import type { BlockGrid } from "../../../kernels/report/report.ts";
import { blockOf, extentOf } from "../../charts/blocks.ts";
import { formatCount, formatNumber, formatShort } from "../../charts/numbers.ts";
import type { Highlight, Side } from "../../charts/types.ts";
import type { Size } from "../../charts/useSize.ts";
import { MAP_MARGIN } from "./HeatMapAxes.tsx";
import { cellOf, type MapTile } from "./mapField.ts";
import { cellHeight, cellWidth, type Projection, xOf, yOf } from "./mapPainter.ts";

export function Crosshair(props: {
  size: Size;
  projection: Projection;
  highlight: Highlight | null;
  grid: BlockGrid | undefined;
}) {
  const { size, projection: p, highlight, grid } = props;
  const clip = { width: p.width, height: p.height };
  return (
    <svg width={size.width} height={size.height} className="pointer-events-none absolute inset-0" aria-hidden="true">
      <svg x={MAP_MARGIN.left} y={MAP_MARGIN.top} {...clip} viewBox={`0 0 ${p.width} ${p.height}`}>
        <title>marked element</title>
        {highlight && <Cross p={p} highlight={highlight} grid={grid} />}
      </svg>
    </svg>
  );
}

function Cross({ p, highlight, grid }: { p: Projection; highlight: Highlight; grid: BlockGrid | undefined }) {
  const [x, y, w, h] = [xOf(p, highlight.col), yOf(p, highlight.row), cellWidth(p), cellHeight(p)];
  const [cx, cy] = [x + w / 2, y + h / 2];
  // The hole keeps the element itself in sight.
  const [hx, hy] = [Math.max(w / 2, 5), Math.max(h / 2, 5)];
  // Where numbers stand in the cells, the lines would strike them out.
  const near = w >= 34 && h >= 13;
  const lines = near
    ? ""
    : `M0 ${cy}H${cx - hx}M${cx + hx} ${cy}H${p.width}M${cx} 0V${cy - hy}M${cx} ${cy + hy}V${p.height}`;
  const block = grid && blockOf(grid, highlight.row, highlight.col);
  const extent = grid && typeof block === "number" ? extentOf(grid, block) : null;
  return (
    <g fill="none">
      {extent && (
        <rect
          x={xOf(p, extent.col0)}
          y={yOf(p, extent.row0)}
          width={(extent.col1 - extent.col0) * w}
          height={(extent.row1 - extent.row0) * h}
          stroke="var(--mark)"
          strokeOpacity={0.8}
          strokeDasharray="3 2"
        />
      )}
      <path d={lines} stroke="var(--panel)" strokeWidth={3} strokeOpacity={0.7} />
      <path d={lines} stroke="var(--mark)" strokeWidth={highlight.pinned ? 1.5 : 1} />
      <rect x={cx - hx} y={cy - hy} width={2 * hx} height={2 * hy} stroke="var(--panel)" strokeWidth={3.5} />
      <rect x={cx - hx} y={cy - hy} width={2 * hx} height={2 * hy} stroke="var(--mark)" strokeWidth={1.5} />
    </g>
  );
}

export function MapReadout(props: {
  a: Report | null;
  b: Report | null;
  tile: MapTile | null;
  coarse: MapTile | null;
  highlight: Highlight | null;
  problem: string | null;
}) {
  const { highlight: h } = props;
  return (
    <div className="min-h-9 min-w-0 flex-1 pt-0.5 text-xs leading-[1.1rem] text-muted" aria-live="polite">
      {props.problem ? (
        <p className="m-0 text-bad">{props.problem}</p>
      ) : h ? (
        <Reading {...props} highlight={h} />
      ) : (
        <p className="m-0 line-clamp-2">Point, tap or use the arrow keys to mark an element; wheel or pinch to zoom.</p>
      )}
    </div>
  );
}

function Reading(props: {
  a: Report | null;
  b: Report | null;
  tile: MapTile | null;
  coarse: MapTile | null;
  highlight: Highlight;
}) {
  const { row, col, pinned } = props.highlight;
  const inTile = props.tile && cellOf(props.tile, row, col) >= 0 ? props.tile : props.coarse;
  const cell = inTile ? cellOf(inTile, row, col) : -1;
  const covers = inTile
    ? [(inTile.row1 - inTile.row0) / inTile.outRows, (inTile.col1 - inTile.col0) / inTile.outCols].map((n) =>
        formatShort(n, 3),
      )
    : null;
  const input = inTile?.values?.[cell];
  const what = (side: Side) => {
    const report = props[side];
    if (!report || !inTile || cell < 0) return null;
    const signed = inTile.signed[side]?.[cell];
    const block = blockOf(report.grid, row, col);
    return (
      <span className={side === "a" ? "text-a" : "text-b"}>
        {side.toUpperCase()}{" "}
        {signed !== undefined ? `error ${formatNumber(signed)}` : `rms ${formatNumber(inTile[side]?.[cell] ?? null)}`}
        {block !== null && ` · block ${formatCount(block)}`}
      </span>
    );
  };
  return (
    <>
      <p className="m-0 truncate">
        <span className="text-ink">
          row {formatCount(row)}, column {formatCount(col)}
        </span>
        {pinned && <span className="text-mark"> · pinned</span>}
        {input !== undefined && ` · value ${formatNumber(input, 4)}`}
        {inTile && !inTile.elements && covers && ` · cell of ${covers[0]} × ${covers[1]}`}
      </p>
      <p className="m-0 flex gap-2 truncate">
        {what("a")}
        {what("b")}
      </p>
    </>
  );
}

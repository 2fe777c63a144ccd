/** The marked point: larger, ringed, and with its recipe beside it. */
import type { Axes } from "./axes.ts";
import { CHAR, LABEL_FONT } from "./Names.tsx";
import type { Series } from "./series.ts";
import type { Spot } from "./spots.ts";

const HEIGHT = 20;
const RING = 10;

export function MarkedSpot({ spot, series, axes }: { spot: Spot; series: Series; axes: Axes }) {
  const { point, x, y } = spot;
  const width = point.text.length * CHAR + 10;
  // Above the point, or below where there is no room; never out of the chart.
  const left = Math.max(axes.left + 1, Math.min(x - width / 2, axes.right - width));
  const top = y - RING - 6 - HEIGHT < axes.top - 8 ? y + RING + 6 : y - RING - 6 - HEIGHT;
  return (
    <g data-marked="">
      <path d={series.large} transform={`translate(${x},${y})`} fill={`var(${series.colour})`} stroke="var(--panel)" />
      <circle cx={x} cy={y} r={RING} fill="none" stroke="var(--mark)" strokeWidth={2} />
      <rect x={left} y={top} width={width} height={HEIGHT} rx={4} fill="var(--panel)" stroke="var(--mark)" />
      <text {...LABEL_FONT} x={left + width / 2} y={top + 14} textAnchor="middle" fontWeight={600} fill="var(--ink)">
        {point.text}
      </text>
    </g>
  );
}

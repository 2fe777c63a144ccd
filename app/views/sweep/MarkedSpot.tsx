/** The marked point: larger, ringed, and with its recipe beside it. */
import type { Axes } from "./axes.ts";
import { type Box, overlaps } from "./labels.ts";
import { CHAR, LABEL_FONT } from "./Names.tsx";
import type { Series } from "./series.ts";
import type { Spot } from "./spots.ts";

const HEIGHT = 20;
const RING = 10;

interface Props {
  spot: Spot;
  series: Series;
  axes: Axes;
  /** What its name does not cover where it can help it. */
  taken: readonly Box[];
}

export function MarkedSpot({ spot, series, axes, taken }: Props) {
  const { point, x, y } = spot;
  const width = point.text.length * CHAR + 10;
  const boxAt = ({ left, top }: { left: number; top: number }): Box => {
    return { x0: left, y0: top, x1: left + width, y1: top + HEIGHT };
  };
  // Above the point, below it or beside it, where there is room; never out of the chart.
  const within = (at: number) => Math.max(axes.left + 1, Math.min(at, axes.right - width));
  const places = [
    { left: within(x - width / 2), top: y - RING - 6 - HEIGHT },
    { left: within(x - width / 2), top: y + RING + 6 },
    { left: x + RING + 6, top: y - HEIGHT / 2 },
    { left: x - RING - 6 - width, top: y - HEIGHT / 2 },
  ].filter((place) => place.left >= axes.left && place.left + width <= axes.right + 1 && place.top >= axes.top - 8);
  const free = places.find(
    (place) => place.top + HEIGHT <= axes.bottom + 8 && !taken.some((box) => overlaps(box, boxAt(place))),
  );
  const { left, top } = free ?? places[0] ?? { left: within(x - width / 2), top: y + RING + 6 };
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

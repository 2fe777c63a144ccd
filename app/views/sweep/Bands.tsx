/** From the least to the largest error over the places of the data inside an octave: a bar at each point that has one. */
import { useMemo } from "react";
import type { Axes } from "./axes.ts";
import { drawnBand } from "./points.ts";
import type { Series } from "./series.ts";
import type { Spot } from "./spots.ts";
import type { SweepMetric } from "./state.ts";

interface Props {
  spots: readonly Spot[];
  best: ReadonlySet<string>;
  marked: string | null;
  metric: SweepMetric;
  series: (point: Spot["point"]) => Series;
  axes: Axes;
}

/** Between bars of points that have as many bits. */
const APART = 5;

export function Bands({ spots, best, marked, metric, series, axes }: Props) {
  const bars = useMemo(() => {
    const y = (value: number) => Math.min(axes.bottom, Math.max(axes.top, axes.y(value)));
    const columns = new Map<number, Spot[]>();
    for (const spot of spots) {
      if (!spot.point.phase || drawnBand(spot.point.phase, metric).length === 0) continue;
      const column = Math.round(spot.x / 3);
      columns.set(column, [...(columns.get(column) ?? []), spot]);
    }
    return [...columns.values()].flatMap((column) =>
      column.map(({ point, x, y: own }, i) => {
        const at = x + (i - (column.length - 1) / 2) * APART;
        const [low, mean, high] = drawnBand(point.phase!, metric).map(y);
        return {
          point,
          d: `M${x} ${own}H${at}M${at} ${low}V${high}M${at - 2} ${low}h4M${at - 2} ${high}h4M${at - 2} ${mean}h4`,
        };
      }),
    );
  }, [spots, metric, axes]);
  return (
    <g fill="none">
      {bars.map(({ point, d }) => {
        const own = point.text === marked;
        return (
          <path
            key={point.text}
            d={d}
            stroke={own ? "var(--mark)" : `var(${series(point).colour})`}
            strokeWidth={own ? 2.5 : 1.25}
            strokeOpacity={own || best.has(point.text) ? 1 : 0.5}
          />
        );
      })}
    </g>
  );
}

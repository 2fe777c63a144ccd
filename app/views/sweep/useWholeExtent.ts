/** The stretch of both axes, which grows in whole steps while points come in and never shrinks until another run. */
import { useMemo, useState } from "react";
import { type Extent, extentAlong } from "./axes.ts";
import { drawnBand, type PlotPoint, plottedValue } from "./points.ts";
import { union } from "./scales.ts";
import { BITS, type SweepMetric } from "./state.ts";

export function useWholeExtent(
  key: string,
  points: readonly PlotPoint[],
  old: readonly PlotPoint[],
  metric: SweepMetric,
  against: SweepMetric,
): Extent | null {
  const now = useMemo(() => extentOf([...points, ...old], metric, against), [points, old, metric, against]);
  const [held, hold] = useState<{ key: string; extent: Extent | null }>({ key, extent: now });
  const next = held.key === key ? joined(held.extent, now) : now;
  if (held.key !== key || next !== held.extent) hold({ key, extent: next });
  return next;
}

/** Null where no point has a value. */
export function extentOf(
  points: readonly PlotPoint[],
  metric: SweepMetric,
  against: SweepMetric = BITS,
): Extent | null {
  const others = points.map(({ metrics }) => plottedValue(against, metrics) ?? Number.NaN);
  const values = points.flatMap(({ metrics, phase }) => [
    plottedValue(metric, metrics) ?? Number.NaN,
    ...(phase ? drawnBand(phase, metric) : []),
  ]);
  if (values.every(Number.isNaN) || others.every(Number.isNaN)) return null;
  // Where no recipe has an error there is only the lane of those without.
  const empty = { lo: 1, hi: 10 };
  return { x: extentAlong(against, others) ?? empty, y: extentAlong(metric, values) ?? empty };
}

/** Both; the first itself where it holds the second. */
export function joined(a: Extent | null, b: Extent | null): Extent | null {
  if (!a || !b) return a ?? b;
  const [x, y] = [union(a.x, b.x) ?? a.x, union(a.y, b.y) ?? a.y];
  return x === a.x && y === a.y ? a : { x, y };
}

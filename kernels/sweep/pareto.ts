/** The Pareto frontier of a sweep: the recipes of which no other is better by one of two metrics and no worse by the other. */

import { type AxisName, metricOf, type SweepMetrics } from "../measure/metrics/index.ts";
import { costOf } from "../measure/metrics/reading.ts";

/** The two metrics that a frontier is taken by: what is got, and what it is got for. */
export interface Axes {
  metric: AxisName;
  against: AxisName;
}

/** What a frontier's axes cost (`costOf`): in both less is better. */
export const costsOf = (
  { metric, against }: Axes,
  metrics: SweepMetrics,
): [against: number | null, metric: number | null] => [
  costOf(metricOf(against), metrics),
  costOf(metricOf(metric), metrics),
];

interface Placed<T> {
  item: T;
  /** Along the axis that the other metric is got for. */
  against: number;
  cost: number;
}

/**
 * A frontier that grows point by point, both costs minimised. A point is dominated by one that is no worse in either and better
 * in one; points that are equal in both stand side by side. Points without a cost (`null` or NaN) take no part.
 */
export class Frontier<T> {
  /** Ascending in the first cost and descending in the second; equal points in the order in which they came. */
  readonly #points: Placed<T>[] = [];

  /** The frontier in ascending order of the first cost. */
  get items(): T[] {
    return this.#points.map((point) => point.item);
  }

  /** Takes a point in. True where the frontier changed. */
  add(item: T, against: number | null, cost: number | null): boolean {
    if (against === null || cost === null || Number.isNaN(cost) || Number.isNaN(against)) return false;
    const points = this.#points;
    const at = this.#after(against);
    const before = points[at - 1];
    if (before && before.cost <= cost && !(before.against === against && before.cost === cost)) return false;
    let from = at;
    while (from > 0 && points[from - 1].against === against && points[from - 1].cost > cost) from--;
    let to = at;
    while (to < points.length && points[to].cost >= cost) to++;
    points.splice(from, to - from, { item, against, cost });
    return true;
  }

  /** Index of the first point that costs more by it. */
  #after(against: number): number {
    let [lo, hi] = [0, this.#points.length];
    while (lo < hi) {
      const mid = (lo + hi) >> 1;
      if (this.#points[mid].against <= against) lo = mid + 1;
      else hi = mid;
    }
    return lo;
  }
}

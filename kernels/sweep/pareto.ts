/** The Pareto frontier of a sweep: the recipes of which no other is better by one of two metrics and no worse by the other. */

interface Placed<T> {
  item: T;
  bits: number;
  cost: number;
}

/**
 * A frontier that grows point by point, both coordinates minimised. A point is dominated by one that is no worse in
 * either and better in one; points that are equal in both stand side by side. Points without a cost (`null` or NaN) take
 * no part.
 */
export class Frontier<T> {
  /** Ascending in bits and descending in cost; equal points in the order in which they came. */
  readonly #points: Placed<T>[] = [];

  /** The frontier in ascending order of bits. */
  get items(): T[] {
    return this.#points.map((point) => point.item);
  }

  /** Takes a point in. True where the frontier changed. */
  add(item: T, bits: number, cost: number | null): boolean {
    if (cost === null || Number.isNaN(cost) || Number.isNaN(bits)) return false;
    const points = this.#points;
    const at = this.#after(bits);
    const before = points[at - 1];
    if (before && before.cost <= cost && !(before.bits === bits && before.cost === cost)) return false;
    let from = at;
    while (from > 0 && points[from - 1].bits === bits && points[from - 1].cost > cost) from--;
    let to = at;
    while (to < points.length && points[to].cost >= cost) to++;
    points.splice(from, to - from, { item, bits, cost });
    return true;
  }

  /** Index of the first point with more bits. */
  #after(bits: number): number {
    let [lo, hi] = [0, this.#points.length];
    while (lo < hi) {
      const mid = (lo + hi) >> 1;
      if (this.#points[mid].bits <= bits) lo = mid + 1;
      else hi = mid;
    }
    return lo;
  }
}

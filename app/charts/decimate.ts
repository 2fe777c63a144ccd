/** More values than pixels: what to draw of them, and in which order. */

/** Least, greatest and mean value of each bucket of consecutive values. */
export interface Envelope {
  /** Index of the first value of each bucket; bucket k ends where k+1 begins. */
  start: Uint32Array;
  min: Float64Array;
  max: Float64Array;
}

/** How many values are NaN or Inf: no chart has a place for them. */
export function notFinite(values: ArrayLike<number>): number {
  let count = 0;
  for (let i = 0; i < values.length; i++) if (!Number.isFinite(values[i])) count++;
  return count;
}

/** Splits values into at most `limit` buckets of nearly equal size and keeps each one's range. NaN and Inf are left out. */
export function envelope(values: ArrayLike<number>, limit: number): Envelope {
  const n = values.length;
  const buckets = Math.max(1, Math.min(n, Math.floor(limit)));
  const start = new Uint32Array(buckets + 1);
  const min = new Float64Array(buckets).fill(Number.NaN);
  const max = new Float64Array(buckets).fill(Number.NaN);
  for (let k = 0; k < buckets; k++) {
    start[k] = Math.floor((k * n) / buckets);
    const end = Math.floor(((k + 1) * n) / buckets);
    for (let i = start[k]; i < end; i++) {
      const v = values[i];
      if (!Number.isFinite(v)) continue;
      if (!(v >= min[k])) min[k] = v;
      if (!(v <= max[k])) max[k] = v;
    }
  }
  start[buckets] = n;
  return { start, min, max };
}

/** Indices in descending order of value; equal values keep their order, NaN goes last. */
export function descending(values: ArrayLike<number>): Uint32Array {
  const order = Uint32Array.from({ length: values.length }, (_, i) => i);
  return order.sort((i, j) => {
    const [x, y] = [values[i], values[j]];
    if (Number.isNaN(x) || Number.isNaN(y)) return Number(Number.isNaN(x)) - Number(Number.isNaN(y)) || i - j;
    return y - x || i - j;
  });
}

/** Points of a Lorenz-like curve: the share of the total that the largest ones carry. */
export interface Concentration {
  /** Share of members, ascending from 0 to 1. */
  members: number[];
  /** Share of the total that these members, the largest first, carry. */
  carried: number[];
}

/** How concentrated a total of the finite values is; `null` where it is zero. */
export function concentration(values: ArrayLike<number>, points = 200): Concentration | null {
  const sorted = Float64Array.from(values as ArrayLike<number>, (v) => Math.max(0, v))
    .filter(Number.isFinite)
    .sort();
  const n = sorted.length;
  const most = sorted[n - 1] ?? 0;
  if (most === 0) return null;
  // Shares are the same in any unit, and in that of the largest no sum overflows.
  for (let i = 0; i < n; i++) sorted[i] /= most;
  let total = 0;
  for (const v of sorted) total += v;
  const members = [0];
  const carried = [0];
  let sum = 0;
  let next = 1;
  for (let k = 1; k <= n; k++) {
    sum += sorted[n - k];
    if (k < next && k < n) continue;
    members.push(k / n);
    carried.push(Math.min(1, sum / total));
    next = Math.max(k + 1, Math.ceil(((members.length - 1) / points) * n));
  }
  return { members, carried };
}

/** The share that the first `members` carry, read off the curve by straight lines. */
export function carriedBy(curve: Concentration, members: number): number {
  const k = curve.members.findIndex((m) => m >= members);
  if (k <= 0) return k === 0 ? 0 : 1;
  const t = (members - curve.members[k - 1]) / (curve.members[k] - curve.members[k - 1]);
  return curve.carried[k - 1] + t * (curve.carried[k] - curve.carried[k - 1]);
}

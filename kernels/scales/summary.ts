import { floatFromBits } from "../exact/bits.ts";
import type { Plan } from "../plan/plan.ts";
import { LOG_KEYS } from "../report/bins.ts";
import { findRank, spreadOf } from "../report/order.ts";
import type { LogHistogram, ScaleReport } from "../report.ts";
import type { Scales } from "./resolve.ts";

/** What a report tells of a plan's scales, level by level. */
export interface ScaleSummary {
  levels: Omit<ScaleReport, "format" | "what">[];
  /** Blocks with a non-zero value whose scale in force is zero. */
  dead: number;
}

export const summaryOf = (scales: Scales): ScaleSummary => ({
  levels: scales.levels.map(({ values }) => valuesSummary(values)),
  dead: scales.dead,
});

/** Cuts the empty ends off a histogram over all keys. */
export function trimKeys(zeros: number, keys: Uint32Array): LogHistogram {
  let first = keys.findIndex((n) => n > 0);
  if (first < 0) first = 0;
  let last = keys.length - 1;
  while (last > first && keys[last] === 0) last--;
  return { zeros, firstKey: first, counts: keys.slice(first, last + 1) };
}

/** Stored values one by one. */
export function valuesSummary(values: Float32Array): ScaleSummary["levels"][number] {
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
  const keys = new Uint32Array(LOG_KEYS);
  let [zeros, negative] = [0, 0];
  for (let b = 0; b < bits.length; b++) {
    const size = bits[b] & 0x7fffffff;
    if (size === 0) zeros++;
    else keys[size >>> 21]++;
    if (bits[b] > 0x80000000 && size <= 0x7f800000) negative++;
  }
  return { count: values.length, histogram: trimKeys(zeros, keys), negative, ...spreadOf(values) };
}

const BUCKETS = 2 ** 16;
const BUCKET_BITS = 15;
const coarse = new Int32Array(BUCKETS);
const fine = new Int32Array(2 ** BUCKET_BITS);

/** The same as `valuesSummary` for values that are finite and have no sign, in far less time: their bits are in order. */
export function plainSummary(values: Float32Array): ScaleSummary["levels"][number] {
  const bits = new Int32Array(values.buffer, values.byteOffset, values.length);
  const n = bits.length;
  if (n === 0) return valuesSummary(values);
  coarse.fill(0);
  for (let b = 0; b < n; b++) coarse[bits[b] >>> BUCKET_BITS]++;
  const middle = findRank(coarse, n >> 1);
  const [first, last] = [findRank(coarse, 0).bucket, findRank(coarse, n - 1).bucket];
  fine.fill(0);
  let [least, most, zeros] = [0x7fffffff, 0, 0];
  for (let b = 0; b < n; b++) {
    const word = bits[b];
    const bucket = word >>> BUCKET_BITS;
    if (bucket === middle.bucket) fine[word & (2 ** BUCKET_BITS - 1)]++;
    if (bucket === first && word < least) least = word;
    if (bucket === last && word > most) most = word;
  }
  if (least === 0) for (let b = 0; b < n; b++) if (bits[b] === 0) zeros++;
  const lower = findRank(fine, (n >> 1) - middle.before).bucket;
  const keys = new Uint32Array(LOG_KEYS);
  for (let k = first; k <= last; k++) keys[k >>> (21 - BUCKET_BITS)] += coarse[k];
  keys[0] -= zeros;
  const [min, median, max] = [least, (middle.bucket << BUCKET_BITS) | lower, most].map(floatFromBits);
  return { count: n, histogram: trimKeys(zeros, keys), negative: 0, min, median, max };
}

/** Few stored values, finite and none below zero, in ascending order, and how many blocks have each. */
export function countsSummary(values: Float32Array, counts: ArrayLike<number>): ScaleSummary["levels"][number] {
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
  const keys = new Uint32Array(LOG_KEYS);
  let [zeros, count] = [0, 0];
  const used = Array.from(values.keys()).filter((k) => counts[k] > 0);
  for (const k of used) {
    count += counts[k];
    if (bits[k] === 0) zeros += counts[k];
    else keys[bits[k] >>> 21] += counts[k];
  }
  let left = count >> 1;
  const median = used.find((k) => {
    left -= counts[k];
    return left < 0;
  });
  const spread = [used[0], median, used[used.length - 1]].map((k) => (k === undefined ? Number.NaN : values[k]));
  const [min, middle, max] = spread;
  return { count, histogram: trimKeys(zeros, keys), negative: 0, min, median: middle, max };
}

/** With what the plan says of each level. */
export const scaleReports = (plan: Plan, { levels }: ScaleSummary): ScaleReport[] =>
  levels.map((level, i) => {
    const { text, what } = plan.levels[i];
    return { format: text, ...(what ? { what } : {}), ...level };
  });

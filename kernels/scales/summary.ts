import { floatFromBits } from "../exact/bits.ts";
import type { Plan } from "../plan/plan.ts";
import { LOG_KEYS } from "../report/bins.ts";
import { findRank, spreadOf } from "../report/order.ts";
import type { LogHistogram, ScaleReport } from "../report/report.ts";
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
  const first = Math.max(
    0,
    keys.findIndex((n) => n > 0),
  );
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

const KEY_BITS = 21;
const LOW_BITS = 10;

/** The same as `valuesSummary` for values that are finite and have no sign, in far less time: their bits are in order. */
export function plainSummary(values: Float32Array): ScaleSummary["levels"][number] {
  const bits = new Int32Array(values.buffer, values.byteOffset, values.length);
  const n = bits.length;
  if (n === 0) return valuesSummary(values);
  // Neighbours often share a key: with a table each they need not wait for each other's count.
  const keys = new Uint32Array(LOG_KEYS);
  const keysOfOdd = new Uint32Array(LOG_KEYS);
  let [least, most] = [bits[n - 1], bits[n - 1]];
  for (let b = 0; b + 1 < n; b += 2) {
    const [even, odd] = [bits[b], bits[b + 1]];
    keys[even >>> KEY_BITS]++;
    keysOfOdd[odd >>> KEY_BITS]++;
    if (even < least) least = even;
    if (odd < least) least = odd;
    if (even > most) most = even;
    if (odd > most) most = odd;
  }
  if (n % 2 === 1) keys[bits[n - 1] >>> KEY_BITS]++;
  for (let k = 0; k < LOG_KEYS; k++) keys[k] += keysOfOdd[k];
  const median = wordOfRank(bits, keys, n >> 1);
  let zeros = 0;
  if (least === 0) for (let b = 0; b < n; b++) if (bits[b] === 0) zeros++;
  keys[0] -= zeros;
  const [min, middle, max] = [least, median, most].map(floatFromBits);
  return { count: n, histogram: trimKeys(zeros, keys), negative: 0, min, median: middle, max };
}

/** The word of this rank, from counts of their upper bits: the bits below are counted where those above are its own. */
function wordOfRank(words: Int32Array, keys: Uint32Array, rank: number): number {
  const upper = findRank(keys, rank);
  const middles = new Uint32Array(2 ** (KEY_BITS - LOW_BITS));
  for (let b = 0; b < words.length; b++) {
    if (words[b] >>> KEY_BITS === upper.bucket) middles[(words[b] >>> LOW_BITS) & (middles.length - 1)]++;
  }
  const middle = findRank(middles, rank - upper.before);
  const prefix = (upper.bucket << (KEY_BITS - LOW_BITS)) | middle.bucket;
  const lows = new Uint32Array(2 ** LOW_BITS);
  for (let b = 0; b < words.length; b++) {
    if (words[b] >>> LOW_BITS === prefix) lows[words[b] & (lows.length - 1)]++;
  }
  return (prefix << LOW_BITS) | findRank(lows, rank - upper.before - middle.before).bucket;
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

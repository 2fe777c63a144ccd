import { threefry2x32 } from "../../../kernels/random/threefry.ts";

/** A figure with its standard error over windows. */
export interface Estimate {
  /** Null where there is none: no predictions, or some of them broken. */
  value: number | null;
  /** Null where fewer than two windows tell nothing of it, or where a standard error makes no sense. */
  stderr: number | null;
}

export const noEstimate: Estimate = { value: null, stderr: null };

/** Values of predictions, a list a window. */
export type ByWindow = readonly ArrayLike<number>[];

function sumOf(values: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i];
  return sum;
}

/**
 * The mean over all predictions. Windows may hold different numbers of them, so it is a ratio of sums, and its standard error that of a
 * ratio estimator (Cochran, Sampling Techniques, 1977, 6.4): with equal numbers the deviation of the windows' means over the root of
 * their number.
 */
export function meanOf(values: ByWindow): Estimate {
  return meanOfSums(
    values.map(sumOf),
    values.map(({ length }) => length),
  );
}

/** The same from each window's sum and number of predictions. */
export function meanOfSums(sums: ArrayLike<number>, counts: ArrayLike<number>): Estimate {
  const count = sumOf(counts);
  if (count === 0) return noEstimate;
  const mean = sumOf(sums) / count;
  const n = sums.length;
  if (n < 2) return { value: mean, stderr: null };
  let square = 0;
  for (let w = 0; w < n; w++) square += (sums[w] - mean * counts[w]) ** 2;
  return { value: mean, stderr: Math.sqrt((n / (n - 1)) * square) / count };
}

/** A function of a mean, with its standard error to first order. */
export function through({ value, stderr }: Estimate, f: (x: number) => number, slope: (x: number) => number): Estimate {
  if (value === null) return noEstimate;
  return { value: f(value), stderr: stderr === null ? null : Math.abs(slope(value)) * stderr };
}

/** Resamples of windows that standard errors of percentiles are made of. */
const RESAMPLES = 200;
/** The stream of the generator that draws them. */
const STREAM = 0xb0075;

/** How often each window is in each resample, drawn with replacement. */
function resamples(windows: number, seed: number): Uint32Array[] {
  const word = new Uint32Array(2);
  return Array.from({ length: RESAMPLES }, (_, r) => {
    const times = new Uint32Array(windows);
    for (let w = 0; w < windows; w++) {
      threefry2x32(seed, STREAM, w, r, word);
      times[Math.floor((word[0] / 2 ** 32) * windows)]++;
    }
    return times;
  });
}

/**
 * The values at places p (n - 1) of n ascending ones that each count `times` of their window, between neighbours in proportion. All
 * places in one pass: there are hundreds of resamples.
 */
function weightedQuantiles(sorted: Sorted, times: ArrayLike<number>, count: number, ps: readonly number[]): number[] {
  const { values, windows } = sorted;
  const places = ps.map((p) => p * (count - 1));
  const ranks = Uint32Array.from(
    places.flatMap((place) => [Math.floor(place), Math.min(count - 1, Math.floor(place) + 1)]),
  );
  const order = Uint32Array.from(ranks.keys()).sort((x, y) => ranks[x] - ranks[y]);
  const found = new Float64Array(ranks.length).fill(Number.NaN);
  for (let i = 0, seen = 0, next = 0; i < values.length && next < order.length; i++) {
    seen += times[windows[i]];
    while (next < order.length && seen > ranks[order[next]]) found[order[next++]] = values[i];
  }
  return places.map((place, k) => {
    const [low, high] = [found[2 * k], found[2 * k + 1]];
    const share = place - Math.floor(place);
    return share === 0 ? low : low + share * (high - low);
  });
}

interface Sorted {
  values: Float64Array;
  /** The window of each. */
  windows: Uint32Array;
}

function flatOf(values: ByWindow): Float64Array {
  const flat = new Float64Array(values.reduce((sum, list) => sum + list.length, 0));
  let at = 0;
  for (const list of values) {
    flat.set(list, at);
    at += list.length;
  }
  return flat;
}

function sortedOf(values: ByWindow): Sorted {
  const flat = flatOf(values);
  const windowOf = new Uint32Array(flat.length);
  let at = 0;
  for (const [window, { length }] of values.entries()) {
    windowOf.fill(window, at, at + length);
    at += length;
  }
  const order = Uint32Array.from(flat.keys()).sort((x, y) => flat[x] - flat[y]);
  return { values: Float64Array.from(order, (i) => flat[i]), windows: Uint32Array.from(order, (i) => windowOf[i]) };
}

/**
 * Quantiles over all predictions, with standard errors by resampling windows (Efron, 1979); the ends, 0 and 1, have none, and nothing has
 * one without a seed.
 */
export function quantilesOf(values: ByWindow, ps: readonly number[], seed: number | null): Estimate[] {
  if (seed === null) {
    const sorted = { values: flatOf(values).sort(), windows: new Uint32Array(0) };
    const { length } = sorted.values;
    if (length === 0) return ps.map(() => noEstimate);
    sorted.windows = new Uint32Array(length);
    return weightedQuantiles(sorted, [1], length, ps).map((value) => ({ value, stderr: null }));
  }
  const sorted = sortedOf(values);
  const count = sorted.values.length;
  if (count === 0) return ps.map(() => noEstimate);
  const once = new Uint32Array(values.length).fill(1);
  const draws = values.length < 2 ? [] : resamples(values.length, seed);
  const counts = draws.map((times) => values.reduce((sum, list, w) => sum + times[w] * list.length, 0));
  const own = weightedQuantiles(sorted, once, count, ps);
  const again = draws.flatMap((times, r) => (counts[r] > 0 ? [weightedQuantiles(sorted, times, counts[r], ps)] : []));
  return ps.map((p, k) => ({
    value: own[k],
    stderr: draws.length === 0 || p === 0 || p === 1 ? null : deviation(again.map((values) => values[k])),
  }));
}

/** Standard deviation of a sample; null of fewer than two. */
function deviation(values: readonly number[]): number | null {
  if (values.length < 2) return null;
  const mean = sumOf(values) / values.length;
  return Math.sqrt(values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / (values.length - 1));
}

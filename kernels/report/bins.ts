import { exponentOf } from "../exact/bits.ts";

/** Bins that every backend computes alike: ends are powers of two, and bins are found by scaling with powers of two or by bits. */

/** Bins of the histogram of values. */
export const VALUE_BINS = 512;

/** The range of the value histogram: (-2^k, 2^k) with the least k that holds amax. */
export function valueRangeExponent(amax: number): number {
  return amax === 0 ? 0 : exponentOf(amax) + 1;
}

/** The bin of a finite float32 x with |x| < 2^k. */
export function valueBin(x: number, k: number): number {
  return Math.floor(x * 2 ** (8 - k)) + VALUE_BINS / 2;
}

/** Histograms of magnitudes have four bins an octave: the key of a bin is its float32 bits >> 21. */
export const LOG_KEYS = 1024;

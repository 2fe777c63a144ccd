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

/**
 * Where a backend adds float32 terms, values and errors are first multiplied by the power of two that takes a tensor's
 * largest value to about 2^this: nothing is rounded by that. Squares are normal float32 then from 2^-103 of the largest
 * value on, and stay far from the range's other end; what holds smaller terms is added in float64. So every sum, and every
 * entry of a profile or map however faint, lies within 1e-6 of its terms' magnitudes from the exact one.
 */
export const TERM_EXPONENT = 40;
/** Magnitudes below 2^this have no float32 square that is sure to be normal. */
export const LEAST_TERM_EXPONENT = -63;

/** Histograms of magnitudes have four bins an octave: the key of a bin is its float32 bits >> 21. */
export const LOG_KEYS = 1024;

/**
 * K-quants with importance weights. Unlike without, the scales of a super-block are rounded by a search of their own, in which a
 * sub-block counts by the sum of its weights.
 */
import { half } from "./fields.ts";
import { putHalf } from "./float.ts";
import { minOf, scaleOf } from "./k-quants.ts";
import { putScale, roundAgain, roundSixteens } from "./k-rounding.ts";
import { type AffineFit, type AffineSearch, searchAffine, searchPositive, searchSymmetric } from "./search.ts";
import { type BlockWeights, SUPER } from "./types.ts";
import { sumOfSquares, weigh } from "./weights.ts";

const f32 = Math.fround;

const weights = new Float32Array(32);
const scales = new Float32Array(16);
const mins = new Float32Array(16);
const inForce = new Float32Array(16);
const sums = new Float32Array(16);
const storedScales = new Uint8Array(16);
const storedMins = new Uint8Array(16);
const fit: AffineFit = { scale: 0, min: 0 };

function sumOfWeights(n: number): number {
  let sum = 0;
  for (let i = 0; i < n; i++) sum = f32(sum + weights[i]);
  return sum;
}

/** Every affine K-quant has this search with weights. */
const searchOf = (nmax: number): AffineSearch => ({
  nmax,
  rmin: f32(-0.9),
  rdelta: 0.05,
  steps: 36,
  magnitudes: false,
});

/** Searches each sub-block of `n` elements, then the integers that stand for their scales and minima; returns the two factors. */
function searchAll(
  x: Float32Array,
  codes: Uint8Array,
  n: number,
  search: AffineSearch,
  most: number,
  w: BlockWeights,
  variance: number,
) {
  const count = SUPER / n;
  for (let j = 0; j < count; j++) {
    weigh(x, n * j, n, w.of, variance, weights);
    sums[j] = sumOfWeights(n);
    searchAffine(x, n * j, n, weights, search, codes, fit);
    scales[j] = fit.scale;
    mins[j] = fit.min;
  }
  const d = searchPositive(count, most, scales, storedScales, sums);
  const dmin = searchPositive(count, most, mins, storedMins, sums);
  return { d, dmin };
}

const q2 = searchOf(3);

export function encodeQ2_K(x: Float32Array, codes: Uint8Array, bytes: Uint8Array, at: number, w: BlockWeights): void {
  const variance = f32(sumOfSquares(x) / SUPER);
  const factors = searchAll(x, codes, 16, q2, 15, w, variance);
  putHalf(bytes, at + 80, factors.d);
  putHalf(bytes, at + 82, factors.dmin);
  const [d, dmin] = [half(bytes, at + 80), half(bytes, at + 82)];
  for (let j = 0; j < 16; j++) bytes[at + j] = storedScales[j] | (storedMins[j] << 4);
  for (let j = 0; j < 16; j++) {
    roundAgain(x, codes, 16 * j, 16, f32(d * (bytes[at + j] & 15)), f32(dmin * (bytes[at + j] >> 4)), 3);
  }
}

/** Q4_K and Q5_K; Q5_K alone keeps integers that wrapped around within 6 bits. */
const eightAffine = (nmax: 15 | 31) => {
  const search = searchOf(nmax);
  return (x: Float32Array, codes: Uint8Array, bytes: Uint8Array, at: number, w: BlockWeights): void => {
    const variance = f32(f32(2 * sumOfSquares(x)) / SUPER);
    const factors = searchAll(x, codes, 32, search, 63, w, variance);
    for (let j = 0; j < 8; j++) {
      const [ls, lm] = [storedScales[j], storedMins[j]];
      if (nmax === 31) putScale(bytes, at + 4, j, Math.min(63, ls), Math.min(63, lm));
      else putScale(bytes, at + 4, j, ls, lm);
    }
    putHalf(bytes, at, factors.d);
    putHalf(bytes, at + 2, factors.dmin);
    const [d, dmin] = [half(bytes, at), half(bytes, at + 2)];
    for (let j = 0; j < 8; j++) {
      const scale = f32(d * scaleOf(bytes, at + 4, j));
      roundAgain(x, codes, 32 * j, 32, scale, f32(dmin * minOf(bytes, at + 4, j)), nmax);
    }
  };
};
export const encodeQ4_K = eightAffine(15);
export const encodeQ5_K = eightAffine(31);

export function encodeQ3_K(x: Float32Array, codes: Uint8Array, bytes: Uint8Array, at: number, w: BlockWeights): void {
  const variance = f32(f32(2 * sumOfSquares(x)) / SUPER);
  for (let j = 0; j < 16; j++) {
    weigh(x, 16 * j, 16, w.of, variance, weights);
    sums[j] = sumOfWeights(16);
    scales[j] = searchSymmetric(x, 16 * j, 16, 4, codes, weights);
  }
  putHalf(bytes, at + 108, searchSymmetric(scales, 0, 16, 32, storedScales, sums));
  const d = half(bytes, at + 108);
  for (let j = 0; j < 16; j++) {
    const stored = storedScales[j];
    bytes[at + 96 + (j & 7)] |= (stored & 15) << (4 * (j >> 3));
    bytes[at + 104 + (j & 3)] |= (stored >> 4) << (2 * (j >> 2));
    inForce[j] = d * (stored - 32);
  }
  roundSixteens(x, codes, inForce, 4);
}

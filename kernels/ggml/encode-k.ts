/**
 * K-quants: each sub-block's scale (and minimum) is searched, the scales of a super-block are rounded to small integers
 * over its largest, and then every element is rounded once more with the scales that are stored.
 */

import * as weighted from "./encode-k-weighted.ts";
import { fast } from "./fast.ts";
import { half } from "./fields.ts";
import { halfBits, nearestInt, putHalf } from "./float.ts";
import { minOf, scaleOf } from "./k-quants.ts";
import { putScale, roundAgain, roundSixteens } from "./k-rounding.ts";
import { type AffineFit, type AffineSearch, descend, GROUP_EPSILON, searchAffine, searchSymmetric } from "./search.ts";
import { type EncodeBlock, SUPER } from "./types.ts";

const f32 = Math.fround;

const weights = new Float32Array(32);
const scales = new Float32Array(16);
const mins = new Float32Array(16);
const inForce = new Float32Array(16);
const fit: AffineFit = { scale: 0, min: 0 };

/** The greatest of the first `n` values, at least 0. */
function greatest(values: Float32Array, n: number): number {
  let max = 0;
  for (let j = 0; j < n; j++) if (values[j] > max) max = values[j];
  return max;
}

/** Searches each sub-block of `n` elements; scales and minima are left in the tables above. */
function searchBlocks(
  x: Float32Array,
  codes: Uint8Array,
  n: number,
  search: AffineSearch,
  weigh: (from: number) => void,
) {
  for (let j = 0; j < SUPER / n; j++) {
    weigh(n * j);
    searchAffine(x, n * j, n, weights, search, codes, fit);
    scales[j] = fit.scale;
    mins[j] = fit.min;
  }
}

const Q2: AffineSearch = { nmax: 3, rmin: -0.5, rdelta: 0.1, steps: 15, magnitudes: true };

export const encodeQ2_K: EncodeBlock = (x, codes, bytes, at, given) => {
  if (given) return weighted.encodeQ2_K(x, codes, bytes, at, given);
  searchBlocks(x, codes, 16, Q2, (from) => {
    for (let l = 0; l < 16; l++) weights[l] = Math.abs(x[from + l]);
  });
  const [maxScale, maxMin] = [greatest(scales, 16), greatest(mins, 16)];
  const inverseScale = maxScale > 0 ? f32(15 / maxScale) : 0;
  const inverseMin = maxMin > 0 ? f32(15 / maxMin) : 0;
  for (let j = 0; j < 16; j++) {
    bytes[at + j] = nearestInt(f32(inverseScale * scales[j])) | (nearestInt(f32(inverseMin * mins[j])) << 4);
  }
  putHalf(bytes, at + 80, f32(maxScale / 15));
  putHalf(bytes, at + 82, f32(maxMin / 15));
  const [d, dmin] = [half(bytes, at + 80), half(bytes, at + 82)];
  for (let j = 0; j < 16; j++) {
    roundAgain(x, codes, 16 * j, 16, f32(d * (bytes[at + j] & 15)), f32(dmin * (bytes[at + j] >> 4)), 3);
  }
};

/** Q4_K and Q5_K. `header` bytes of halves and packed scales are the same in both. */
const eightAffine =
  (search: AffineSearch, withWeights: typeof weighted.encodeQ4_K): EncodeBlock =>
  (x, codes, bytes, at, given) => {
    if (given) return withWeights(x, codes, bytes, at, given);
    searchBlocks(x, codes, 32, search, (from) => {
      let squares = 0;
      for (let l = 0; l < 32; l++) squares = f32(squares + f32(x[from + l] * x[from + l]));
      const rms = f32(Math.sqrt(f32(squares / 32)));
      for (let l = 0; l < 32; l++) weights[l] = f32(rms + Math.abs(x[from + l]));
    });
    const [maxScale, maxMin] = [greatest(scales, 8), greatest(mins, 8)];
    const inverseScale = maxScale > 0 ? f32(63 / maxScale) : 0;
    const inverseMin = maxMin > 0 ? f32(63 / maxMin) : 0;
    for (let j = 0; j < 8; j++) {
      const ls = Math.min(63, nearestInt(f32(inverseScale * scales[j])) & 255);
      const lm = Math.min(63, nearestInt(f32(inverseMin * mins[j])) & 255);
      putScale(bytes, at + 4, j, ls, lm);
    }
    putHalf(bytes, at, f32(maxScale / 63));
    putHalf(bytes, at + 2, f32(maxMin / 63));
    const [d, dmin] = [half(bytes, at), half(bytes, at + 2)];
    for (let j = 0; j < 8; j++) {
      const scale = f32(d * scaleOf(bytes, at + 4, j));
      roundAgain(x, codes, 32 * j, 32, scale, f32(dmin * minOf(bytes, at + 4, j)), search.nmax);
    }
  };
export const encodeQ4_K = eightAffine(
  { nmax: 15, rmin: -1, rdelta: 0.1, steps: 20, magnitudes: false },
  weighted.encodeQ4_K,
);
export const encodeQ5_K = eightAffine(
  { nmax: 31, rmin: -0.5, rdelta: 0.1, steps: 15, magnitudes: false },
  weighted.encodeQ5_K,
);

/** The scale of largest magnitude among the 16, with its sign; the first of equals. */
function signedScale(): number {
  let largest = 0;
  for (let j = 0; j < 16; j++) if (Math.abs(scales[j]) > Math.abs(largest)) largest = scales[j];
  return largest;
}

export const encodeQ3_K: EncodeBlock = (x, codes, bytes, at, given) => {
  if (given) return weighted.encodeQ3_K(x, codes, bytes, at, given);
  if (fast) fast.descendAll(x, 4, codes, scales);
  else for (let j = 0; j < 16; j++) scales[j] = descend(x, 16 * j, 16, 4, codes);
  const largest = signedScale();
  // NaN counts as a scale, as it does in C.
  const inverse = largest === 0 ? 0 : f32(-32 / largest);
  const bits = largest === 0 ? 0 : halfBits(f32(1 / inverse));
  bytes[at + 108] = bits & 255;
  bytes[at + 109] = bits >> 8;
  const d = half(bytes, at + 108);
  for (let j = 0; j < 16; j++) {
    const narrow = (nearestInt(f32(inverse * scales[j])) << 24) >> 24;
    const stored = largest === 0 ? 0 : Math.max(-32, Math.min(31, narrow)) + 32;
    bytes[at + 96 + (j & 7)] |= (stored & 15) << (4 * (j >> 3));
    bytes[at + 104 + (j & 3)] |= (stored >> 4) << (2 * (j >> 2));
    inForce[j] = d * (stored - 32);
  }
  roundSixteens(x, codes, inForce, 4);
};

/** With weights, importance alone weighs: not combined with the values, as everywhere else. */
export const encodeQ6_K: EncodeBlock = (x, codes, bytes, at, given) => {
  const importance = given?.of ?? null;
  for (let j = 0; j < 16; j++) scales[j] = searchSymmetric(x, 16 * j, 16, 32, codes, importance, 16 * j);
  const largest = signedScale();
  if (Math.abs(largest) < GROUP_EPSILON) {
    codes.fill(0);
    return;
  }
  const inverse = f32(-128 / largest);
  putHalf(bytes, at + 208, f32(1 / inverse));
  const d = half(bytes, at + 208);
  for (let j = 0; j < 16; j++) {
    const stored = (Math.min(127, nearestInt(f32(inverse * scales[j]))) << 24) >> 24;
    bytes[at + 192 + j] = stored;
    inForce[j] = d * stored;
  }
  roundSixteens(x, codes, inForce, 32);
};

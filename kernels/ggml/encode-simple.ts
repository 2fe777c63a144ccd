/** Blocks with one scale, rounded as ggml does: the scale in force is the float32 one, what is stored is its half. */
import { inverse, putHalf, roundAway } from "./float.ts";
import { type AffineFit, type AffineSearch, searchAffine, searchSymmetric, signedMax } from "./search.ts";
import type { EncodeBlock } from "./types.ts";
import { weigh } from "./weights.ts";

const f32 = Math.fround;

const weights = new Float32Array(32);
const fit: AffineFit = { scale: 0, min: 0 };

export function largestMagnitude(x: Float32Array, from: number, n: number): number {
  return Math.abs(signedMax(x, from, n));
}

/** Q4_0 and Q5_0: the element with the largest magnitude gets the lowest code, whose sign it takes. With weights a search. */
const signed =
  (bits: 4 | 5): EncodeBlock =>
  (x, codes, bytes, at, given) => {
    const half = 2 ** (bits - 1);
    if (given) {
      weigh(x, 0, 32, given.of, given.rowMeanSquare, weights);
      putHalf(bytes, at, searchSymmetric(x, 0, 32, half, codes, weights));
      return;
    }
    const d = f32(signedMax(x, 0, 32) / -half);
    const id = inverse(d);
    putHalf(bytes, at, d);
    // C's conversion cuts towards zero, and so does `| 0`.
    for (let j = 0; j < 32; j++) codes[j] = Math.min(2 * half - 1, f32(f32(x[j] * id) + (half + 0.5)) | 0);
  };
export const encodeQ4_0 = signed(4);
export const encodeQ5_0 = signed(5);

/** Q4_1 and Q5_1: from the least to the greatest value. With weights a search. */
const affine = (bits: 4 | 5): EncodeBlock => {
  const most = 2 ** bits - 1;
  const search: AffineSearch = { nmax: most, rmin: f32(-0.9), rdelta: 0.05, steps: 36, magnitudes: false };
  return (x, codes, bytes, at, given) => {
    if (given) {
      weigh(x, 0, 32, given.of, given.rowMeanSquare, weights);
      searchAffine(x, 0, 32, weights, search, codes, fit);
      putHalf(bytes, at, fit.scale);
      putHalf(bytes, at + 2, -fit.min);
      return;
    }
    let [min, max] = [x[0], x[0]];
    for (let j = 1; j < 32; j++) {
      if (x[j] < min) min = x[j];
      if (x[j] > max) max = x[j];
    }
    const d = f32(f32(max - min) / most);
    const id = inverse(d);
    putHalf(bytes, at, d);
    putHalf(bytes, at + 2, min);
    for (let j = 0; j < 32; j++) codes[j] = Math.min(most, f32(f32(f32(x[j] - min) * id) + 0.5) | 0);
  };
};
export const encodeQ4_1 = affine(4);
export const encodeQ5_1 = affine(5);

/** amax/127, ties away from zero. */
export const encodeQ8_0: EncodeBlock = (x, codes, bytes, at) => {
  const d = f32(largestMagnitude(x, 0, 32) / 127);
  const id = inverse(d);
  putHalf(bytes, at, d);
  for (let j = 0; j < 32; j++) codes[j] = roundAway(f32(x[j] * id));
};

/** The mean magnitude, and signs; zero counts as positive. */
export const encodeQ1_0: EncodeBlock = (x, codes, bytes, at) => {
  let sum = 0;
  for (let j = 0; j < 128; j++) {
    sum = f32(sum + Math.abs(x[j]));
    codes[j] = x[j] >= 0 ? 1 : 0;
  }
  putHalf(bytes, at, f32(sum / 128));
};

/** amax and codes -1, 0, 1 (of 2, which a block could hold, none comes). Ties away from zero. */
export const encodeQ2_0: EncodeBlock = (x, codes, bytes, at) => {
  const d = largestMagnitude(x, 0, 64);
  const id = inverse(d);
  putHalf(bytes, at, d);
  for (let j = 0; j < 64; j++) {
    const q = f32(x[j] * id);
    // Where 1/d overflows, x86 converts what is no number to the least integer, which is then raised to the first code.
    codes[j] = q - q === 0 ? Math.min(3, Math.max(0, roundAway(q) + 1)) : 0;
  }
};

/** TQ1_0 and TQ2_0: amax and -1, 0, 1; d stands at byte `end` of the block. */
const ternary =
  (end: number): EncodeBlock =>
  (x, codes, bytes, at) => {
    const d = largestMagnitude(x, 0, 256);
    const id = inverse(d);
    putHalf(bytes, at + end, d);
    for (let j = 0; j < 256; j++) codes[j] = roundAway(f32(x[j] * id)) + 1;
  };
export const encodeTq1_0 = ternary(52);
export const encodeTq2_0 = ternary(64);

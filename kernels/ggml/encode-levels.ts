/** Blocks whose codes are looked up among levels: IQ4, MXFP4 and NVFP4. */
import { exponentOf, floatBits } from "../exact/bits.ts";
import { largestMagnitude } from "./encode-simple.ts";
import { fast } from "./fast.ts";
import { inverse, nearestInt, putHalf } from "./float.ts";
import { E2M1_DOUBLED, ue4m3 } from "./levels.ts";
import { IQ4_LEVELS } from "./names.ts";
import { GROUP_EPSILON, signedMax } from "./search.ts";
import { type BlockWeights, type EncodeBlock, SUPER } from "./types.ts";
import { sumOfSquares, weigh } from "./weights.ts";

const f32 = Math.fround;

/** Index of the level of IQ4 nearest to x; midway between two the upper. */
function nearestLevel(x: number): number {
  if (!(x > IQ4_LEVELS[0])) return x <= IQ4_LEVELS[0] ? 0 : 15;
  if (x >= IQ4_LEVELS[15]) return 15;
  let low = 0;
  let high = 15;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (x < IQ4_LEVELS[middle]) high = middle;
    else low = middle;
  }
  return f32(x - IQ4_LEVELS[low]) < f32(IQ4_LEVELS[high] - x) ? low : high;
}

/** Tries of `searchLevels` to either side. */
const TRIES = 7;

const weights = new Float32Array(32);

/**
 * The scale of 32 elements with the weights above: least squares for codes that -127 over the signed maximum gives, then for 15
 * inverse scales around it; the one that explains most wins.
 */
function searchLevels(x: Float32Array, from: number): number {
  if (fast) return fast.levels(x, from, weights);
  const max = signedMax(x, from, 32);
  if (Math.abs(max) < GROUP_EPSILON) return 0;
  let d = f32(-max / IQ4_LEVELS[0]);
  let best = 0;
  for (let k = -TRIES - 1; k <= TRIES; k++) {
    const first = k === -TRIES - 1;
    const id = f32(first ? 1 / d : (k + IQ4_LEVELS[0]) / max);
    let sumqx = 0;
    let sumq2 = 0;
    for (let j = from; j < from + 32; j++) {
      const v = x[j];
      const q = IQ4_LEVELS[nearestLevel(f32(id * v))];
      const wq = f32(weights[j - from] * q);
      sumqx = f32(sumqx + f32(wq * v));
      sumq2 = f32(sumq2 + f32(wq * q));
    }
    if (first) d = sumq2 > 0 ? f32(sumqx / sumq2) : 0;
    else if (sumq2 > 0 && f32(sumqx * sumqx) > f32(best * sumq2)) d = f32(sumqx / sumq2);
    else continue;
    best = f32(d * sumqx);
  }
  return d;
}

/** Weights of 32 values for `searchLevels`: their squares, or their importance over blocks with that mean square. */
function weighLevels(x: Float32Array, from: number, given: BlockWeights | null, variance: number): void {
  if (given) weigh(x, from, 32, given.of, variance, weights);
  else for (let j = 0; j < 32; j++) weights[j] = x[from + j] * x[from + j];
}

function lookUp(x: Float32Array, codes: Uint8Array, from: number, id: number): void {
  for (let j = from; j < from + 32; j++) codes[j] = nearestLevel(f32(id * x[j]));
}

/** As `llama-quantize` makes it; ggml's from_float searches less and gives other bytes. */
export const encodeIq4_nl: EncodeBlock = (x, codes, bytes, at, given) => {
  weighLevels(x, 0, given, f32(sumOfSquares(x, 32) * (2 / 32)));
  const d = searchLevels(x, 0);
  putHalf(bytes, at, d);
  lookUp(x, codes, 0, inverse(d));
};

const scales = new Float32Array(8);

/** Eight of them with 6-bit scales; codes are found with the float32 d, of which the half is stored. */
export const encodeIq4_xs: EncodeBlock = (x, codes, bytes, at, given) => {
  const variance = f32(sumOfSquares(x) * (2 / SUPER));
  let largest = 0;
  for (let sub = 0; sub < 8; sub++) {
    weighLevels(x, 32 * sub, given, variance);
    scales[sub] = searchLevels(x, 32 * sub);
    if (Math.abs(scales[sub]) > Math.abs(largest)) largest = scales[sub];
  }
  const d = f32(-largest / 32);
  const id = inverse(d);
  putHalf(bytes, at, d);
  for (let sub = 0; sub < 8; sub++) {
    const l = Math.max(-32, Math.min(31, nearestInt(f32(id * scales[sub]))));
    lookUp(x, codes, 32 * sub, inverse(f32(d * l)));
    const stored = l + 32;
    bytes[at + 4 + (sub >> 1)] |= (stored & 15) << (4 * (sub & 1));
    bytes[at + 2 + (sub >> 2)] |= (stored >> 4) << (2 * (sub & 3));
  }
};

/** Codes of the nearest of the doubled values of E2M1 times d; of equally near ones the lowest code, which is nearer zero. */
function nearestE2M1(x: Float32Array, codes: Uint8Array, from: number, n: number, d: number): void {
  for (let j = from; j < from + n; j++) {
    let code = 0;
    let least = Math.abs(x[j]);
    for (let c = 1; c < 16; c++) {
      const error = Math.abs(f32(f32(E2M1_DOUBLED[c] * d) - x[j]));
      if (error < least) {
        code = c;
        least = error;
      }
    }
    codes[j] = code;
  }
}

/**
 * floor of log2 x in float32, whose rounding lifts what lies just below a power of two up to it: by how much is half the
 * distance of floats at the exponent.
 */
function floorLog2(x: number): number {
  const above = exponentOf(x) + 1;
  const below = above > 0 ? Math.abs(above) * (1 - 2 ** -24) : Math.abs(above);
  const spacing = above === 0 ? 0 : 2 ** (exponentOf(below) - 23);
  const short = -Math.log1p(x * 2 ** -above - 1) / Math.LN2;
  return short <= spacing / 2 ? above : above - 1;
}

/** The floor rule of OCP: the exponent of amax less that of 6. */
export const encodeMxfp4: EncodeBlock = (x, codes, bytes, at) => {
  const amax = largestMagnitude(x, 0, 32);
  const exponent = amax > 0 ? (floorLog2(amax) - 2 + 127) & 255 : 0;
  bytes[at] = exponent;
  nearestE2M1(x, codes, 0, 32, 2 ** (exponent - 128));
};

/** As ggml writes it: at most 448 (0x7e), ties up, and below the normal numbers at most 7 * 2^-9. */
function ue4m3Bits(x: number): number {
  if (!(x > 0)) return 0;
  const bits = floatBits(Math.min(x, 448));
  const exponent = (bits >> 23) - 127 + 7;
  if (exponent <= 0) return Math.min(7, f32(f32(x * 512) + 0.5) | 0);
  const rounded = (exponent << 3) + ((bits >> 20) & 7) + ((bits >> 19) & 1);
  return exponent >= 15 || rounded >= 15 << 3 ? 0x7e : rounded;
}

/** amax/6 of each 16; there is no scale of the tensor. */
export const encodeNvfp4: EncodeBlock = (x, codes, bytes, at) => {
  for (let sub = 0; sub < 4; sub++) {
    bytes[at + sub] = ue4m3Bits(f32(largestMagnitude(x, 16 * sub, 16) / 6));
    nearestE2M1(x, codes, 16 * sub, 16, 0.5 * ue4m3(bytes[at + sub]));
  }
};

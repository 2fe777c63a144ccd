/** The conversions of ggml's quantizers, to the bit. Arguments are float32 values held in doubles. */
import { floatBits } from "../exact/bits.ts";

const f32 = Math.fround;

/** What x86 makes where an operation has no result: the sign is set. JavaScript engines keep the signs of NaN or not, as they like. */
const NAN = 0xfe00;

/** Bits of the half nearest to x, ties to even; beyond its range those of infinity. */
export function halfBits(x: number): number {
  if (Number.isNaN(x)) return NAN;
  const bits = floatBits(x);
  const sign = (bits >>> 16) & 0x8000;
  const magnitude = bits & 0x7fffffff;
  // 65520 lies midway between the largest half and the power of two that would follow, which is the even one.
  if (magnitude >= 0x477ff000) return sign | 0x7c00;
  // Below 2^-14 halves are multiples of 2^-24: adding 2^-1, whose last place that is, rounds.
  if (magnitude < 0x38800000) return sign | (floatBits(f32(Math.abs(x) + 0.5)) - 0x3f000000);
  const rounded = magnitude + 0xfff + ((magnitude >>> 13) & 1);
  return sign | ((rounded - 0x38000000) >>> 13);
}

export function putHalf(bytes: Uint8Array, at: number, x: number): void {
  const bits = halfBits(x);
  bytes[at] = bits & 255;
  bytes[at + 1] = bits >> 8;
}

/**
 * The nearest integer, ties to even, as ggml finds it: by adding 1.5 * 2^23, which leaves the integer in the low bits.
 * Where x does not fit, the low bits are what they are; callers clamp them.
 */
export function nearestInt(x: number): number {
  const shifted = f32(x + 12582912);
  const n = shifted - 12582912;
  return n >= -4194304 && n < 4194304 ? n : (floatBits(shifted) & 0x7fffff) - 0x400000;
}

/** C's roundf: the nearest integer, ties away from zero; 0 for what is not finite, as x86 converts it to narrow integers. */
export const roundAway = (x: number): number => (x < 0 ? x - 0.5 : x + 0.5) | 0;

/** 1/d in float32, 0 for d = 0. */
export const inverse = (d: number): number => (d === 0 ? 0 : f32(1 / d));

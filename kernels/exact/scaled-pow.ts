/**
 * Powers for the costs of a search, from + - * / and floor alone, in an order that WebAssembly's vectors follow: the same
 * bits on every engine and in both.
 */
import { exponentOf } from "./bits.ts";

/** 1 / 15, 1 / 13 ... 1: the terms of the inverse hyperbolic tangent. With |z| <= 0.172 the next one is below 1e-14. */
export const LOG_TERMS: readonly number[] = Array.from({ length: 8 }, (_, i) => 1 / (15 - 2 * i));
/** 1 / 11!, 1 / 10! ... 1: the terms of the exponential. With |r| <= 0.347 the next one is below 1e-14. */
export const EXP_TERMS: readonly number[] = Array.from({ length: 12 }, (_, i) => {
  let factorial = 1;
  for (let k = 2; k <= 11 - i; k++) factorial *= k;
  return 1 / factorial;
});
/** ln 2 in two parts (fdlibm's): an exponent times the first is exact. */
export const LN2_HIGH = 0.6931471803691238;
export const LN2_LOW = 1.9082149292705877e-10;
const INVERSE_LN2 = Math.LOG2E;
/** Beyond these the power is 0 or infinite. */
const LEAST_POWER = -700;
const MOST_POWER = 700;

/**
 * (|x| / 2^shift)^p for p > 0, relative error about p times 1e-14; NaN where x is not finite. x is a float32, or a double as large
 * as one: not subnormal.
 */
export function scaledPow(x: number, p: number, shift: number): number {
  const a = Math.abs(x);
  if (a === 0) return 0;
  let e = exponentOf(a);
  if (e === 1024) return Number.NaN;
  let m = a * 2 ** -e;
  if (m > Math.SQRT2) {
    m *= 0.5;
    e += 1;
  }
  const z = (m - 1) / (m + 1);
  const z2 = z * z;
  let sum = LOG_TERMS[0];
  for (let i = 1; i < LOG_TERMS.length; i++) sum = sum * z2 + LOG_TERMS[i];
  const y = p * ((e - shift) * Math.LN2 + (z + z) * sum);
  if (y < LEAST_POWER) return 0;
  if (y > MOST_POWER) return Infinity;
  const k = Math.floor(y * INVERSE_LN2 + 0.5);
  const r = y - k * LN2_HIGH - k * LN2_LOW;
  let power = EXP_TERMS[0];
  for (let i = 1; i < EXP_TERMS.length; i++) power = power * r + EXP_TERMS[i];
  return power * 2 ** k;
}

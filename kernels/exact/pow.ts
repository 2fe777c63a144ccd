import { exponentOf } from "./bits.ts";

/**
 * Powers from + - * / alone. `Math.pow`, `log` and `exp` differ between JavaScript engines in the last bits; a search
 * that compares sums of |e|^p must choose the same scale everywhere.
 */

const LN2 = Math.LN2;
/** ln 2 in two parts (fdlibm's): an exponent times the first is exact. */
const LN2_HIGH = 0.6931471803691238;
const LN2_LOW = 1.9082149292705877e-10;

/** Natural logarithm, relative error about 1e-15. x > 0 and normal. */
export function stableLog(x: number): number {
  let e = exponentOf(x);
  let m = x * 2 ** -e;
  if (m > Math.SQRT2) {
    m *= 0.5;
    e += 1;
  }
  // log m = 2 artanh(z), |z| <= 0.172: z^2 <= 0.0295, twelve terms reach 1e-19.
  const z = (m - 1) / (m + 1);
  const z2 = z * z;
  let sum = 0;
  for (let k = 25; k >= 1; k -= 2) sum = sum * z2 + 1 / k;
  return e * LN2 + 2 * z * sum;
}

/** Exponential, relative error about 1e-15 for |x| < 700. */
export function stableExp(x: number): number {
  if (x < -700) return 0;
  const k = Math.round(x / LN2);
  const r = x - k * LN2_HIGH - k * LN2_LOW;
  let sum = 1;
  for (let i = 18; i >= 1; i--) sum = 1 + (r / i) * sum;
  return sum * 2 ** k;
}

/** |x|^p for p > 0, the same bits on every engine. */
export function stablePow(x: number, p: number): number {
  const a = Math.abs(x);
  if (a === 0) return 0;
  if (p === 1) return a;
  if (p === 2) return a * a;
  return stableExp(p * stableLog(a));
}

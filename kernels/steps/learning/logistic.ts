/**
 * The logistic function from + - * / alone, so that what is learned with it is the same on every engine: within 1e-8 of the true one.
 */

const MOST = 40;
const BY_LN2 = 1 / Math.LN2;
const [C2, C3, C4, C5, C6, C7, C8] = [2, 6, 24, 120, 720, 5040, 40_320].map((factorial) => 1 / factorial);
const POWERS = Float64Array.from({ length: 2 * MOST + 1 }, (_, i) => 2 ** (i - MOST));

/** 1 / (1 + e^-v); 0 or 1 beyond |v| = 27. */
export function logistic(v: number): number {
  if (v < -27) return 0;
  if (v > 27) return 1;
  const n = Math.floor(0.5 - v * BY_LN2);
  const r = -v - n * Math.LN2;
  // |r| < 0.35: nine terms of the series.
  const e = 1 + r * (1 + r * (C2 + r * (C3 + r * (C4 + r * (C5 + r * (C6 + r * (C7 + r * C8)))))));
  return 1 / (1 + e * POWERS[n + MOST]);
}

/** Of all values: the loop is here so that engines keep its numbers in registers. */
export function logistics(values: Float64Array, out: Float64Array): void {
  for (let i = 0; i < values.length; i++) out[i] = logistic(values[i]);
}

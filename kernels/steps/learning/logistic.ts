/**
 * The logistic function from + - * / alone, so that what is learned with it is the same on every engine: within 1e-8 of the true one.
 */

const MOST = 40;
const POWERS = Float64Array.from({ length: 2 * MOST + 1 }, (_, i) => 2 ** (i - MOST));

/** 1 / (1 + e^-v); 0 or 1 beyond |v| = 27. */
export function logistic(v: number): number {
  if (v < -27) return 0;
  if (v > 27) return 1;
  const x = -v / Math.LN2;
  const n = Math.floor(x + 0.5);
  const r = (x - n) * Math.LN2;
  // |r| < 0.35: nine terms of the series.
  const e =
    1 + r * (1 + (r / 2) * (1 + (r / 3) * (1 + (r / 4) * (1 + (r / 5) * (1 + (r / 6) * (1 + (r / 7) * (1 + r / 8)))))));
  return 1 / (1 + e * POWERS[n + MOST]);
}

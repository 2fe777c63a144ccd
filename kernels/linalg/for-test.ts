/** Matrices for the tests, and how far two are apart. */
import { normalValues } from "../testing/matrix.ts";
import { type Dense, dense, mirrorUpper } from "./dense.ts";

/** Normal draws of a seed. */
export const random = (rows: number, cols: number, seed: number): Dense =>
  dense(rows, cols, Float64Array.from(normalValues(rows * cols + 1, seed).subarray(0, rows * cols)));

/** Symmetric and positive definite: X^T X / tokens + damp I. */
export function definite(n: number, seed: number, tokens = 2 * n, damp = 0.01): Dense {
  const x = random(tokens, n, seed);
  const out = dense(n, n);
  for (let i = 0; i < n; i++) {
    for (let j = i; j < n; j++) {
      let sum = 0;
      for (let t = 0; t < tokens; t++) sum += x.values[t * n + i] * x.values[t * n + j];
      out.values[i * n + j] = sum / Math.max(1, tokens) + (i === j ? damp : 0);
    }
  }
  mirrorUpper(out);
  return out;
}

/** The largest difference of two elements; NaN where one is not a number. */
export function apart(a: Dense, b: Dense): number {
  if (a.rows !== b.rows || a.cols !== b.cols) return Number.POSITIVE_INFINITY;
  return a.values.reduce((most, x, i) => Math.max(most, Math.abs(x - b.values[i])), 0);
}

export const largest = (a: Dense): number => a.values.reduce((most, x) => Math.max(most, Math.abs(x)), 0);

/** The definition of a product: three loops. */
export function product(a: Dense, b: Dense): Dense {
  const out = dense(a.rows, b.cols);
  for (let i = 0; i < a.rows; i++) {
    for (let j = 0; j < b.cols; j++) {
      let sum = 0;
      for (let k = 0; k < a.cols; k++) sum += a.values[i * a.cols + k] * b.values[k * b.cols + j];
      out.values[i * b.cols + j] = sum;
    }
  }
  return out;
}

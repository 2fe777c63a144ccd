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

/** The upper Cholesky factor by the plain loops: each row, once it stands, is taken off those after it. */
export function plainCholesky(a: Dense): Dense {
  const n = a.rows;
  const u = dense(n, n, a.values.slice());
  const at = (r: number, c: number) => r * n + c;
  for (let k = 0; k < n; k++) {
    const root = Math.sqrt(u.values[at(k, k)]);
    u.values[at(k, k)] = root;
    for (let j = k + 1; j < n; j++) u.values[at(k, j)] /= root;
    for (let i = k + 1; i < n; i++) {
      for (let j = i; j < n; j++) u.values[at(i, j)] -= u.values[at(k, i)] * u.values[at(k, j)];
    }
    for (let j = 0; j < k; j++) u.values[at(k, j)] = 0;
  }
  return u;
}

/** The inverse of an upper triangle by the plain loops, a row after the other. */
export function plainInvertUpper(u: Dense): Dense {
  const n = u.rows;
  const out = dense(n, n);
  for (let i = 0; i < n; i++) {
    const row = out.values.subarray(i * n, (i + 1) * n);
    row[i] = 1;
    for (let k = i; k < n; k++) {
      row[k] /= u.values[k * n + k];
      for (let j = k + 1; j < n; j++) row[j] -= row[k] * u.values[k * n + j];
    }
  }
  return out;
}

/** X with u^T X = b by the plain loops. */
export function plainForward(u: Dense, b: Dense): Dense {
  const [n, m] = [b.rows, b.cols];
  const out = dense(n, m, b.values.slice());
  const x = out.values;
  for (let k = 0; k < n; k++) {
    for (let j = 0; j < m; j++) x[k * m + j] /= u.values[k * n + k];
    for (let i = k + 1; i < n; i++) {
      for (let j = 0; j < m; j++) x[i * m + j] -= u.values[k * n + i] * x[k * m + j];
    }
  }
  return out;
}

/** Whether two matrices have the same shape and the same bits, the sign of zero aside. */
export const same = (a: Dense, b: Dense): boolean =>
  a.rows === b.rows && a.cols === b.cols && a.values.every((x, i) => x === b.values[i]);

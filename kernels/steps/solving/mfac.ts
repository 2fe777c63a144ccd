/**
 * Inverse of an empirical Fisher matrix F = lambda I + (1/m) sum of g g^T from its m gradients, without F itself: M-FAC (Frantar, Kurtic
 * and Alistarh, arXiv 2107.03356). For an output of a linear layer, whose gradients are its inputs, F is the damped Gram matrix of m
 * tokens.
 */
import { type Dense, dense } from "../../linalg/index.ts";

/** Columns B_i of the recursion, and what each product with one is divided by. */
export interface Mfac {
  lambda: number;
  /** m x d. */
  b: Dense;
  divisors: Float64Array;
}

const dot = (a: Float64Array, b: Float64Array, n: number): number => {
  let sum = 0;
  for (let i = 0; i < n; i++) sum += a[i] * b[i];
  return sum;
};

/** B_1 = g_1 / lambda, B_i = g_i / lambda - sum over j < i of B_j (B_j . g_i) / (m + g_j . B_j). `pace` is called for each gradient. */
export async function mfacOf(gradients: Dense, lambda: number, pace: (done: number) => Promise<void>): Promise<Mfac> {
  const { rows: m, cols: d } = gradients;
  const b = dense(m, d);
  const divisors = new Float64Array(m);
  for (let i = 0; i < m; i++) {
    await pace(i);
    const g = gradients.values.subarray(i * d, (i + 1) * d);
    const own = b.values.subarray(i * d, (i + 1) * d);
    for (let c = 0; c < d; c++) own[c] = g[c] / lambda;
    for (let j = 0; j < i; j++) {
      const other = b.values.subarray(j * d, (j + 1) * d);
      const f = dot(other, g, d) / divisors[j];
      for (let c = 0; c < d; c++) own[c] -= f * other[c];
    }
    divisors[i] = m + dot(g, own, d);
  }
  return { lambda, b, divisors };
}

/** F^-1 x = x / lambda - sum of B_i (B_i . x) / (m + g_i . B_i). */
export function inverseTimes({ lambda, b, divisors }: Mfac, x: Float64Array): Float64Array {
  const { rows: m, cols: d } = b;
  const out = x.map((v) => v / lambda);
  for (let i = 0; i < m; i++) {
    const own = b.values.subarray(i * d, (i + 1) * d);
    const f = dot(own, x, d) / divisors[i];
    for (let c = 0; c < d; c++) out[c] -= f * own[c];
  }
  return out;
}

/** The diagonal of F^-1, that saliences w^2 / (2 [F^-1]_qq) are divided by. */
export function inverseDiagonal({ lambda, b, divisors }: Mfac): Float64Array {
  const { rows: m, cols: d } = b;
  const out = new Float64Array(d).fill(1 / lambda);
  for (let i = 0; i < m; i++) for (let c = 0; c < d; c++) out[c] -= b.values[i * d + c] ** 2 / divisors[i];
  return out;
}

/** F^-1 whole. */
export async function inverseMatrix(mfac: Mfac, pace: (done: number) => Promise<void>): Promise<Dense> {
  const { rows: m, cols: d, values: b } = mfac.b;
  const out = dense(d, d);
  for (let r = 0; r < d; r++) {
    if (r % 16 === 0) await pace(r);
    const row = out.values.subarray(r * d, (r + 1) * d);
    row[r] = 1 / mfac.lambda;
    for (let i = 0; i < m; i++) {
      const f = b[i * d + r] / mfac.divisors[i];
      if (f !== 0) for (let c = 0; c < d; c++) row[c] -= f * b[i * d + c];
    }
  }
  return out;
}

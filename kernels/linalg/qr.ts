import { type Dense, dense, mustBeFinite, transposed } from "./dense.ts";
import { matrixBytes, mustFit, noPace, type Run } from "./run.ts";

export interface Qr {
  /** rows x k with orthonormal columns, k the smaller of rows and cols. */
  q: Dense;
  /** k x cols, upper triangular. Its diagonal may be negative: LAPACK's convention. */
  r: Dense;
}

/**
 * a = q r by Householder's reflections (Golub and Van Loan, Matrix Computations, 5.2). Throws NotFinite, MemoryBudgetError.
 * A column that depends on those before it gives (nearly) a zero on the diagonal of r; q's columns are orthonormal all the same.
 */
export async function qr(a: Dense, run: Run = {}): Promise<Qr> {
  const { rows: m, cols: n } = a;
  const k = Math.min(m, n);
  mustFit(`Factors of a matrix of ${m} x ${n}`, matrixBytes(m, n) + matrixBytes(m, k), run);
  mustBeFinite(a, "The matrix to factor");
  const { pace = noPace } = run;
  // Columns lie as rows.
  const columns = transposed(a).values;
  const taus = new Float64Array(k);
  for (let i = 0; i < k; i++) {
    await pace(i, 2 * k);
    const v = columns.subarray(i * m, (i + 1) * m);
    taus[i] = reflector(v, i);
    for (let j = i + 1; j < n; j++) reflect(columns.subarray(j * m, (j + 1) * m), v, taus[i], i);
  }
  const r = dense(k, n);
  for (let j = 0; j < n; j++) for (let i = 0; i <= Math.min(j, k - 1); i++) r.values[i * n + j] = columns[j * m + i];
  const q = dense(k, m);
  for (let j = 0; j < k; j++) q.values[j * m + j] = 1;
  for (let i = k - 1; i >= 0; i--) {
    await pace(2 * k - i, 2 * k);
    const v = columns.subarray(i * m, (i + 1) * m);
    for (let j = i; j < k; j++) reflect(q.values.subarray(j * m, (j + 1) * m), v, taus[i], i);
  }
  return { q: transposed(q), r };
}

/**
 * Turns x[at..] into the reflector that maps it to (beta, 0, ...): x[at] becomes beta, what follows v with v[at] = 1 left
 * out. Returns tau of I - tau v v^T. Values are scaled so that no square is lost.
 */
export function reflector(x: Float64Array, at: number): number {
  let largest = 0;
  for (let i = at + 1; i < x.length; i++) largest = Math.max(largest, Math.abs(x[i]));
  if (largest === 0) return 0;
  largest = Math.max(largest, Math.abs(x[at]));
  let sum = 0;
  for (let i = at; i < x.length; i++) {
    const y = x[i] / largest;
    sum += y * y;
  }
  const norm = Math.sqrt(sum) * largest;
  const alpha = x[at];
  const beta = alpha > 0 ? -norm : norm;
  for (let i = at + 1; i < x.length; i++) x[i] /= alpha - beta;
  x[at] = beta;
  return (beta - alpha) / beta;
}

/** y - tau v (v^T y), from `at` on; v[at] counts as 1. */
export function reflect(y: Float64Array, v: Float64Array, tau: number, at: number): void {
  if (tau === 0) return;
  let sum = y[at];
  for (let i = at + 1; i < y.length; i++) sum += v[i] * y[i];
  sum *= tau;
  y[at] -= sum;
  for (let i = at + 1; i < y.length; i++) y[i] -= sum * v[i];
}

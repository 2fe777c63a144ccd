import { type Dense, dense, mustBeSquare } from "./dense.ts";
import { ShapeError, Singular } from "./errors.ts";
import { matrixBytes, mustFit, noPace, type Run } from "./run.ts";

/** The inverse of an upper triangular matrix; what lies below its diagonal is not read. Throws Singular, ShapeError. */
export async function invertUpper(u: Dense, run: Run = {}): Promise<Dense> {
  mustBeSquare(u, "A triangular inverse");
  mustFit("The inverse", matrixBytes(u.rows), run);
  mustHaveDiagonal(u);
  const { pace = noPace } = run;
  const n = u.rows;
  const out = dense(n, n);
  for (let i = 0; i < n; i++) {
    await pace(i, n);
    const row = out.values.subarray(i * n, (i + 1) * n);
    row[i] = 1;
    for (let k = i; k < n; k++) {
      row[k] /= u.values[k * n + k];
      const x = row[k];
      for (let j = k + 1; j < n; j++) row[j] -= x * u.values[k * n + j];
    }
  }
  return out;
}

/**
 * X with u X = b, or u^T X = b where `transpose` is set; u upper triangular, what lies below its diagonal not read.
 * Throws Singular, ShapeError.
 */
export async function solveUpper(u: Dense, b: Dense, transpose = false, run: Run = {}): Promise<Dense> {
  mustBeSquare(u, "A triangular system");
  if (b.rows !== u.rows) {
    throw new ShapeError(`A system of ${u.rows} equations has right sides of ${u.rows} rows, not ${b.rows}.`);
  }
  mustFit("The solution", matrixBytes(b.rows, b.cols), run);
  mustHaveDiagonal(u);
  const { pace = noPace } = run;
  const n = u.rows;
  const m = b.cols;
  const out = dense(n, m, b.values.slice());
  const x = out.values;
  for (let step = 0; step < n; step++) {
    await pace(step, n);
    const k = transpose ? step : n - 1 - step;
    const d = u.values[k * n + k];
    for (let j = 0; j < m; j++) x[k * m + j] /= d;
    const [from, to] = transpose ? [k + 1, n] : [0, k];
    for (let i = from; i < to; i++) {
      const f = transpose ? u.values[k * n + i] : u.values[i * n + k];
      for (let j = 0; j < m; j++) x[i * m + j] -= f * x[k * m + j];
    }
  }
  return out;
}

/** X with u^T u X = b: a system whose Cholesky factor is at hand. */
export async function solveCholesky(u: Dense, b: Dense, run: Run = {}): Promise<Dense> {
  return solveUpper(u, await solveUpper(u, b, true, run), false, run);
}

function mustHaveDiagonal({ rows: n, values }: Dense): void {
  for (let k = 0; k < n; k++) if (values[k * n + k] === 0) throw new Singular("The triangular matrix", k);
}

import { type Dense, dense, mirrorUpper, mustBeFinite, mustBeSquare, reversed, transposed } from "./dense.ts";
import { NotPositiveDefinite } from "./errors.ts";
import { matrixBytes, mustFit, noPace, type Run } from "./run.ts";
import { invertUpper } from "./triangular.ts";

/**
 * Cholesky factors of symmetric positive definite matrices. Only the upper triangle of `a` is read, and `a` is left as it
 * is; damping is the caller's. Each throws ShapeError, NotFinite, MemoryBudgetError, and NotPositiveDefinite with the pivot.
 * Golub and Van Loan, Matrix Computations, 4.2.
 */

/** The upper triangular U with a = U^T U and a positive diagonal (NumPy's `cholesky` gives U^T). */
export async function cholesky(a: Dense, run: Run = {}): Promise<Dense> {
  prepare(a, 1, run);
  return factor(a, run, (pivot) => pivot);
}

/** The upper triangular R with a = R R^T and a positive diagonal: elimination from the last column on, as LDLQ needs it. */
export async function reverseCholesky(a: Dense, run: Run = {}): Promise<Dense> {
  prepare(a, 2, run);
  const flipped = await factor(flip(a), run, (pivot) => a.rows - 1 - pivot);
  return reversed(transposed(flipped));
}

/**
 * The upper triangular U with a^-1 = U^T U and a positive diagonal, as GPTQ needs it: the inverse of `reverseCholesky`,
 * so that the inverse itself is never formed.
 */
export async function inverseFactor(a: Dense, run: Run = {}): Promise<Dense> {
  prepare(a, 2, run);
  const flipped = await factor(flip(a), run, (pivot) => a.rows - 1 - pivot);
  return reversed(transposed(await invertUpper(flipped, run)));
}

/** a^-1, symmetric. */
export async function inverse(a: Dense, run: Run = {}): Promise<Dense> {
  prepare(a, 2, run);
  const w = await invertUpper(await factor(a, run, (pivot) => pivot), run);
  const n = a.rows;
  const out = dense(n, n);
  const { pace = noPace } = run;
  for (let i = 0; i < n; i++) {
    await pace(i, n);
    for (let j = i; j < n; j++) {
      let sum = 0;
      for (let k = j; k < n; k++) sum += w.values[i * n + k] * w.values[j * n + k];
      out.values[i * n + j] = sum;
    }
  }
  mirrorUpper(out);
  return out;
}

function prepare(a: Dense, copies: number, run: Run): void {
  mustBeSquare(a, "A Cholesky factor");
  mustFit(`Factors of a matrix of ${a.rows} x ${a.rows}`, matrixBytes(a.rows, a.rows, copies), run);
  mustBeFinite(a, "The matrix to factor");
}

/** J a J from the upper triangle of a, whole. */
function flip(a: Dense): Dense {
  const whole = dense(a.rows, a.cols, a.values.slice());
  mirrorUpper(whole);
  return reversed(whole);
}

async function factor(a: Dense, { pace = noPace }: Run, nameOf: (pivot: number) => number): Promise<Dense> {
  const n = a.rows;
  const out = dense(n, n);
  const u = out.values;
  for (let i = 0; i < n; i++) u.set(a.values.subarray(i * n + i, (i + 1) * n), i * n + i);
  for (let k = 0; k < n; k++) {
    await pace(k, n);
    const pivot = u[k * n + k];
    if (!(pivot > 0)) throw new NotPositiveDefinite("The matrix", nameOf(k), pivot);
    const root = Math.sqrt(pivot);
    u[k * n + k] = root;
    for (let j = k + 1; j < n; j++) u[k * n + j] /= root;
    for (let i = k + 1; i < n; i++) {
      const x = u[k * n + i];
      for (let j = i; j < n; j++) u[i * n + j] -= x * u[k * n + j];
    }
  }
  return out;
}

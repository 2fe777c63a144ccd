import { type Dense, dense, mirrorUpper, mustBeFinite, mustBeSquare, reversed, transposed } from "./dense.ts";
import { eliminate } from "./elimination.ts";
import { matrixBytes, mustFit, type Run } from "./run.ts";

/**
 * Cholesky factors of symmetric positive definite matrices. Only the upper triangle of `a` is read, and `a` is left as it
 * is; damping is the caller's. Each throws ShapeError, NotFinite, MemoryBudgetError, and NotPositiveDefinite with the pivot.
 * Golub and Van Loan, Matrix Computations, 4.2.
 */

/** The upper triangular U with a = U^T U and a positive diagonal (NumPy's `cholesky` gives U^T). */
export async function cholesky(a: Dense, run: Run = {}): Promise<Dense> {
  prepare(a, 1.5, run);
  return eliminate({ a, factor: true, want: "factor" }, run);
}

/** The upper triangular R with a = R R^T and a positive diagonal: elimination from the last column on, as LDLQ needs it. */
export async function reverseCholesky(a: Dense, run: Run = {}): Promise<Dense> {
  prepare(a, 3, run);
  const factor = await eliminate({ a: flip(a), factor: true, want: "factor", nameOf: fromEnd(a) }, run);
  return reversed(transposed(factor));
}

/**
 * The upper triangular U with a^-1 = U^T U and a positive diagonal, as GPTQ needs it: the inverse of `reverseCholesky`,
 * so that the inverse itself is never formed.
 */
export async function inverseFactor(a: Dense, run: Run = {}): Promise<Dense> {
  prepare(a, 3, run);
  const factor = await eliminate({ a: flip(a), factor: true, want: "inverse factor", nameOf: fromEnd(a) }, run);
  return reversed(transposed(factor));
}

/** a^-1, symmetric. */
export async function inverse(a: Dense, run: Run = {}): Promise<Dense> {
  prepare(a, 1.5, run);
  return eliminate({ a, factor: true, want: "inverse" }, run);
}

function prepare(a: Dense, copies: number, run: Run): void {
  mustBeSquare(a, "A Cholesky factor");
  mustFit(`Factors of a matrix of ${a.rows} x ${a.rows}`, matrixBytes(a.rows, a.rows, copies), run);
  mustBeFinite(a, "The matrix to factor");
}

const fromEnd = (a: Dense) => (pivot: number) => a.rows - 1 - pivot;

/** J a J from the upper triangle of a, whole. */
function flip(a: Dense): Dense {
  const whole = dense(a.rows, a.cols, a.values.slice());
  mirrorUpper(whole);
  return reversed(whole);
}

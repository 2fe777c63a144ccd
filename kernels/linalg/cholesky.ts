import { costs } from "./costs.ts";
import { type Dense, dense, mustBeFinite, mustBeSquare } from "./dense.ts";
import { eliminate } from "./elimination.ts";
import { part, placeReversed, placeUpper, reversedRows } from "./panels.ts";
import { mustFit, noPace, type Run } from "./run.ts";

/**
 * Cholesky factors of symmetric positive definite matrices. Only the upper triangle of `a` is read, and `a` is left as it
 * is; damping is the caller's. Each throws ShapeError, NotFinite, MemoryBudgetError, and NotPositiveDefinite with the pivot.
 * Golub and Van Loan, Matrix Computations, 4.2.
 */

/** The upper triangular U with a = U^T U and a positive diagonal (NumPy's `cholesky` gives U^T). */
export const cholesky = (a: Dense, run: Run = {}): Promise<Dense> => fromStart(a, "factor", run);

/** The upper triangular R with a = R R^T and a positive diagonal: elimination from the last column on, as LDLQ needs it. */
export const reverseCholesky = (a: Dense, run: Run = {}): Promise<Dense> => fromEnd(a, "factor", run);

/**
 * The upper triangular U with a^-1 = U^T U and a positive diagonal, as GPTQ needs it: the inverse of `reverseCholesky`,
 * so that the inverse itself is never formed.
 */
export const inverseFactor = (a: Dense, run: Run = {}): Promise<Dense> => fromEnd(a, "inverse factor", run);

/** a^-1, symmetric. */
export const inverse = (a: Dense, run: Run = {}): Promise<Dense> => fromStart(a, "inverse", run);

async function fromStart(a: Dense, want: "factor" | "inverse", run: Run): Promise<Dense> {
  await prepare(a, run);
  const n = a.rows;
  const out = dense(n, n);
  await eliminate(
    {
      n,
      factor: true,
      want,
      rows: (range) => part(a, range, { from: range.from, to: n }),
      keep: (values, range) => placeUpper(values, out, range, want === "inverse"),
    },
    run,
  );
  return out;
}

/** The same of J a J, turned back: V with J a J = V^T V is J R^T J. */
async function fromEnd(a: Dense, want: "factor" | "inverse factor", run: Run): Promise<Dense> {
  await prepare(a, run);
  const n = a.rows;
  const out = dense(n, n);
  await eliminate(
    {
      n,
      factor: true,
      want,
      rows: (range) => reversedRows(a, range),
      keep: (values, range) => placeReversed(values, out, range),
      nameOf: (pivot) => n - 1 - pivot,
    },
    run,
  );
  return out;
}

async function prepare(a: Dense, run: Run): Promise<void> {
  const { pace = noPace } = run;
  mustBeSquare(a, "A Cholesky factor");
  mustFit(`Factors of a matrix of ${a.rows} x ${a.rows}`, costs.inverse(a.rows).bytes, run);
  await mustBeFinite(a, "The matrix to factor", () => pace(0, 1), true);
}

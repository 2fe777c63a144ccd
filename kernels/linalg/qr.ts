import { type Dense, dense, mustBeFinite, transposed } from "./dense.ts";
import { factorColumns, panelHeight } from "./householder.ts";
import { matrixBytes, mustFit, type Run } from "./run.ts";
import { withTeam } from "./team.ts";

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
  mustFit(`Factors of a matrix of ${m} x ${n}`, 3 * (matrixBytes(m, n) + matrixBytes(m, k)), run);
  mustBeFinite(a, "The matrix to factor");
  if (k === 0) return { q: dense(m, 0), r: dense(0, n) };
  const blocks = Math.ceil(n / panelHeight(m));
  return withTeam(run, 4 * m * n * k, blocks * (blocks + 1), async (team) => {
    const { basis, triangle } = await factorColumns(team, transposed(a), 1);
    return { q: transposed(basis), r: triangle };
  });
}

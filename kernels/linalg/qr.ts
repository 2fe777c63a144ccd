import { costs } from "./costs.ts";
import { type Dense, dense, mustBeFinite } from "./dense.ts";
import { factorColumns, panelHeight } from "./householder.ts";
import { part, placeColumns } from "./panels.ts";
import { mustFit, noPace, type Run } from "./run.ts";
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
  mustFit(`Factors of a matrix of ${m} x ${n}`, costs.qr(m, n).bytes, run);
  const { pace = noPace } = run;
  await mustBeFinite(a, "The matrix to factor", () => pace(0, 1));
  const q = dense(m, k);
  if (k === 0) return { q, r: dense(0, n) };
  const blocks = Math.ceil(n / panelHeight(m));
  return withTeam(run, costs.qr(m, n).operations, blocks * (blocks + 1), async (team) => {
    const r = await factorColumns(team, {
      n,
      m,
      columns: (range) => part(a, range, { from: 0, to: m }, true),
      keep: (values, range) => placeColumns(values, q, range),
      work: 1,
    });
    return { q, r };
  });
}

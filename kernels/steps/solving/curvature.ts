/** Curvature in the place of the inputs' whole Gram matrix, kept as its inverse: for solvers that push errors by the factor of an inverse. */
import { type Calibration, partOf } from "../../calibration/index.ts";
import { RecipeError } from "../../grammar/errors.ts";
import { cholesky, type Dense, dense } from "../../linalg/index.ts";
import type { SolverJob } from "../step.ts";
import { type Hessian, meanDiagonal } from "./hessian.ts";
import { inverseMatrix, mfacOf } from "./mfac.ts";
import { mkorInverse } from "./mkor.ts";

/** Gradients of M-FAC, and updates of MKOR. */
const MOST = { mfac: 512, mkor: 256 };
/** MKOR's momentum, and its stabiliser. */
const MKOR = { gamma: 0.99, most: 1e3, blend: 0.9 };

export interface Curvature {
  /** U, upper triangular, with U^T U the inverse; in coding order. */
  factor: Dense;
  notes: string[];
}

/** Rows evenly drawn of those kept, or means of as many runs of them times the root of their length; in coding order. */
function gradients(rows: Float32Array, { order }: Hessian, most: number, means: boolean): Dense {
  const cols = order.length;
  const of = rows.length / cols;
  const count = Math.min(most, of);
  const out = dense(count, cols);
  for (let k = 0; k < count; k++) {
    const from = Math.floor((k * of) / count);
    const to = means ? Math.floor(((k + 1) * of) / count) : from + 1;
    // Both factors of a Hessian of squares: 2 x x^T.
    const factor = Math.SQRT2 / Math.sqrt(to - from);
    for (let t = from; t < to; t++) {
      for (let i = 0; i < cols; i++) out.values[k * cols + i] += factor * rows[t * cols + order[i]];
    }
  }
  return out;
}

/** The factor of an inverse that is kept by `how`; `damp` is M-FAC's lambda, over the mean of the diagonal. Throws RecipeError without tokens. */
export async function curvatureOf(
  how: "mfac" | "mkor",
  calibration: Calibration | null,
  hessian: Hessian,
  damp: number,
  who: string,
  job: SolverJob,
): Promise<Curvature> {
  const rows = partOf(calibration, "rows", who);
  const { cols } = hessian.matrix;
  if (rows.length === 0) throw new RecipeError(`${who}(hessian=${how}) takes the tokens kept, and none was kept`);
  const asked = gradients(rows, hessian, MOST[how], how === "mkor");
  const mean = meanDiagonal(hessian.matrix);
  const pace = () => job.checkpoint(0, 1, "columns factored");
  if (how === "mfac") {
    if (damp === 0) throw new RecipeError(`${who}(hessian=mfac) divides by damp: let it be above 0`);
    const mfac = await mfacOf(asked, damp * mean, pace);
    const factor = await cholesky(await inverseMatrix(mfac, pace), { pace });
    return { factor, notes: [`${who}: the inverse Hessian is M-FAC's, of ${asked.rows} tokens`] };
  }
  const means = Array.from({ length: asked.rows }, (_, k) => asked.values.subarray(k * cols, (k + 1) * cols));
  const { inverse, blended } = await mkorInverse(means, cols, 1 / mean, MKOR, pace);
  const often = blended > 0 ? `, blended with the identity ${blended} times` : "";
  return {
    factor: await cholesky(inverse, { pace }),
    notes: [`${who}: the inverse Hessian is MKOR's, of ${asked.rows} updates of rank 1${often}`],
  };
}

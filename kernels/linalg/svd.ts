import { costs } from "./costs.ts";
import { type Dense, dense, mustBeFinite, transposed } from "./dense.ts";
import { jacobiRows, rowNorms } from "./jacobi.ts";
import { multiply } from "./product.ts";
import { qr } from "./qr.ts";
import { mustFit, noPace, type Run } from "./run.ts";

export interface Svd {
  /** Descending, k of them: the smaller of rows and cols. */
  singular: Float64Array<ArrayBuffer>;
  /** rows x k and k x cols, orthonormal: a = left diag(singular) right. */
  left: Dense;
  right: Dense;
}

/**
 * Singular value decomposition: Householder QR, then one-sided Jacobi on the triangle (Drmac and Veselic, SIAM J. Matrix
 * Anal. 29, 2008, without pivoting), which finds small singular values as well as large ones. Takes some 60 n^3 operations,
 * n the smaller side: for few singular values of a large matrix there is `truncatedSvd`. Throws NotFinite,
 * MemoryBudgetError, NotConverged.
 */
export async function svd(a: Dense, run: Run = {}): Promise<Svd> {
  const { pace = noPace } = run;
  await mustBeFinite(a, "The matrix to decompose", () => pace(0, 1));
  if (a.rows < a.cols) {
    const { singular, left, right } = await svd(transposed(a), run);
    return { singular, left: transposed(right), right: transposed(left) };
  }
  const n = a.cols;
  mustFit(`Singular vectors of ${a.rows} x ${n}`, costs.svd(a.rows, n).bytes, run);
  const { q, r } = await qr(a, run);
  // r = turns^T diag(singular) right.
  const { orthogonal, turns } = await jacobiRows(r, run);
  const norms = rowNorms(orthogonal);
  const order = Array.from(norms.keys()).sort((i, j) => norms[j] - norms[i] || i - j);
  const right = dense(n, n);
  const turnsInOrder = dense(n, n);
  order.forEach((from, to) => {
    const row = orthogonal.values.subarray(from * n, (from + 1) * n);
    for (let c = 0; c < n; c++) right.values[to * n + c] = norms[from] > 0 ? row[c] / norms[from] : 0;
    turnsInOrder.values.set(turns.values.subarray(from * n, (from + 1) * n), to * n);
  });
  completeRows(right);
  const left = await multiply(q, turnsInOrder, { transposeB: true }, run);
  return { singular: Float64Array.from(order, (i) => norms[i]), left, right };
}

/** Puts unit rows orthogonal to all others in the place of rows of zeros: axes, with Gram and Schmidt twice over. */
function completeRows({ rows, cols, values }: Dense): void {
  const row = (i: number) => values.subarray(i * cols, (i + 1) * cols);
  let axis = 0;
  for (let i = 0; i < rows; i++) {
    const v = row(i);
    if (v.some((x) => x !== 0)) continue;
    for (; axis < cols; axis++) {
      v.fill(0);
      v[axis] = 1;
      for (let pass = 0; pass < 2; pass++) {
        for (let j = 0; j < rows; j++) {
          if (j === i) continue;
          const u = row(j);
          let share = 0;
          for (let k = 0; k < cols; k++) share += u[k] * v[k];
          for (let k = 0; k < cols; k++) v[k] -= share * u[k];
        }
      }
      let sum = 0;
      for (const x of v) sum += x * x;
      // An axis is used up where little of it is left.
      if (sum < 1e-4 / cols) continue;
      const norm = Math.sqrt(sum);
      for (let k = 0; k < cols; k++) v[k] /= norm;
      axis++;
      break;
    }
  }
}

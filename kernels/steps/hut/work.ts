import { type Dense, dense, transposed } from "../../linalg/index.ts";
import type { Correction, Matrix, SideTensor, StepJob } from "../step.ts";
import { finiteOf, fitThin, paceOf, rankNotes, storeThin } from "../thin/fit.ts";
import { solveRidged } from "../thin/small.ts";
import type { HutParams } from "./index.ts";

interface Mask {
  left: SideTensor;
  right: SideTensor;
  notes: string[];
}

const PACED_ROWS = 64;

/**
 * For each row the coefficients on the directions (columns of `basis`) with the least sum of (target - scale * (basis . a))^2: weighted
 * least squares. Gives the sum that they take off.
 */
async function coefficients(target: Dense, scale: Dense, basis: Dense, look: () => Promise<void>) {
  const { rows, cols } = target;
  const k = basis.cols;
  const out = dense(rows, k);
  const system = new Float64Array(k * k);
  let taken = 0;
  for (let r = 0; r < rows; r++) {
    if (r % PACED_ROWS === 0) await look();
    system.fill(0);
    const own = out.values.subarray(r * k, (r + 1) * k);
    for (let c = 0; c < cols; c++) {
      const q = scale.values[r * cols + c];
      if (q === 0) continue;
      const e = target.values[r * cols + c] * q;
      for (let i = 0; i < k; i++) {
        const b = basis.values[c * k + i];
        own[i] += e * b;
        const weighted = q * q * b;
        for (let j = 0; j <= i; j++) system[i * k + j] += weighted * basis.values[c * k + j];
      }
    }
    const wanted = own.slice();
    solveRidged(system, own, k);
    for (let i = 0; i < k; i++) taken += own[i] * wanted[i];
  }
  return { out, taken };
}

/** What results lack, over the results: where they are zero there is nothing that could be multiplied. */
function ratios(error: Dense, scale: Dense): Dense {
  const out = dense(error.rows, error.cols);
  for (let i = 0; i < out.values.length; i++) {
    const q = scale.values[i];
    // No larger than a result's own size: one that is nearly zero says nothing of its neighbours.
    if (q !== 0) out.values[i] = Math.max(-1, Math.min(1, error.values[i] / q));
  }
  return out;
}

function errorOf(original: Matrix, result: Matrix): { error: Dense; scale: Dense } {
  const scale = finiteOf(result);
  const error = finiteOf(original);
  for (let i = 0; i < error.values.length; i++) {
    if (original.values[i] - original.values[i] !== 0) scale.values[i] = 0;
    error.values[i] = scale.values[i] === 0 ? 0 : error.values[i] - scale.values[i];
  }
  return { error, scale };
}

async function fitMask({ rank, sweeps }: HutParams, original: Matrix, result: Matrix, job: StepJob) {
  const { error, scale } = errorOf(original, result);
  const [acrossError, acrossScale] = [transposed(error), transposed(scale)];
  const first = await fitThin(ratios(error, scale), rank, { kind: "plain" }, paceOf(job));
  let right = transposed(first.right);
  let left = first.left;
  for (let sweep = 0; sweep < sweeps; sweep++) {
    const look = () => job.checkpoint(sweep, sweeps, "sweeps");
    left = (await coefficients(error, scale, right, look)).out;
    right = (await coefficients(acrossError, acrossScale, left, look)).out;
  }
  return { left, right: transposed(right) };
}

export const work: Correction<HutParams, Mask> = {
  kind: "correction",
  async fit(params, original, result, job) {
    const mask = await fitMask(params, original, result, job);
    return { ...(await storeThin(mask, params.factors, job)), notes: rankNotes("hut", params.asked, params.rank) };
  },
  correct({ left, right }, { row0, rows, cols, values }) {
    const rank = left.cols;
    const out = values.slice();
    const sum = new Float64Array(cols);
    for (let r = 0; r < rows; r++) {
      sum.fill(1);
      for (let k = 0; k < rank; k++) {
        const l = left.values[(row0 + r) * rank + k];
        if (l !== 0) for (let c = 0; c < cols; c++) sum[c] += l * right.values[k * cols + c];
      }
      for (let c = 0; c < cols; c++) out[r * cols + c] = values[r * cols + c] * sum[c];
    }
    return out;
  },
  bits: ({ left, right }, { rows, cols }) => [
    {
      what: `left factor of the mask, ${left.cols} columns (${left.recipe})`,
      bitsPerWeight: left.bits / (rows * cols),
    },
    {
      what: `right factor of the mask, ${right.rows} rows (${right.recipe})`,
      bitsPerWeight: right.bits / (rows * cols),
    },
  ],
  side: ({ left, right }) => [left, right],
  notes: ({ notes }) => notes,
};

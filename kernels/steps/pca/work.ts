import { partOf } from "../../calibration/index.ts";
import { type Dense, dense, eigh, gram, transposed } from "../../linalg/index.ts";
import type { FittedTransform, Matrix, Rows, SideTensor, StepJob } from "../step.ts";
import type { PcaParams } from "./index.ts";

/** Column k of the basis is the k-th axis. */
interface Basis {
  stored: SideTensor;
  /** Row-major, cols x cols, and its transpose. */
  axes: Float64Array;
  back: Float64Array;
}

/** Rows without those that hold NaN or Inf. */
function finiteRows({ rows, cols, values }: Matrix): Float32Array {
  const kept = new Float32Array(values.length);
  let count = 0;
  for (let r = 0; r < rows; r++) {
    const row = values.subarray(r * cols, (r + 1) * cols);
    if (row.every((x) => x - x === 0)) kept.set(row, cols * count++);
  }
  return kept.subarray(0, cols * count);
}

/** x M for each row x, summed in float64 in the order of the columns and rounded once. Rows that hold NaN or Inf stay as they are. */
function turned(matrix: Float64Array, { rows, cols, values }: Rows): Float32Array {
  const out = values.slice();
  const sums = new Float64Array(cols);
  for (let r = 0; r < rows; r++) {
    const row = values.subarray(r * cols, (r + 1) * cols);
    if (!row.every((x) => x - x === 0)) continue;
    sums.fill(0);
    for (let j = 0; j < cols; j++) {
      const x = row[j];
      for (let k = 0, at = j * cols; k < cols; k++) sums[k] += x * matrix[at + k];
    }
    out.set(sums, r * cols);
  }
  return out;
}

async function axesOf({ by }: PcaParams, operand: Matrix, job: StepJob): Promise<Dense> {
  const { cols } = operand;
  const run = { pace: (done: number, total: number) => job.checkpoint(done, total, "axes") };
  const moments = by === "inputs" ? partOf(job.calibration, "gram", "pca") : await gram(finiteRows(operand), cols, run);
  const { vectors } = await eigh(moments, run);
  // Ascending as they come; the strongest axis is to be the first column.
  const strongest = dense(cols, cols);
  for (let r = 0; r < cols; r++) {
    for (let k = 0; k < cols; k++) strongest.values[r * cols + k] = vectors.values[r * cols + (cols - 1 - k)];
  }
  return strongest;
}

export const work: FittedTransform<PcaParams, Basis> = {
  kind: "transform",
  async fit(params, operand, job) {
    const { cols } = operand;
    const axes = await axesOf(params, operand, job);
    const matrix = { rows: cols, cols, values: Float32Array.from(axes.values) };
    const stored = await job.store("basis", matrix, params.basis);
    const kept = dense(cols, cols, Float64Array.from(stored.values));
    return { stored, axes: kept.values, back: transposed(kept).values };
  },
  forward: ({ axes }, rows) => turned(axes, rows),
  inverse: ({ back }, rows) => turned(back, rows),
  // Orthogonal up to the rounding of what is stored.
  dual: ({ stored, axes }) => ({ kind: "dense", matrix: dense(stored.rows, stored.cols, axes.slice()) }),
  bits: ({ stored }, { rows, cols }) => [{ what: `basis of ${cols} axes`, bitsPerWeight: stored.bits / (rows * cols) }],
};

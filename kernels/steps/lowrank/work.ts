import { truncatedSvd } from "../../linalg/truncated-svd.ts";
import type { Correction, Matrix, SideTensor } from "../step.ts";
import type { LowRankParams } from "./index.ts";

/** The factors as they come back from their recipe: left rows x rank, right rank x cols. */
interface Factors {
  left: SideTensor;
  right: SideTensor;
}

/** original - result in float64, zero where either is not finite. */
function residual(original: Matrix, result: Matrix): Float64Array<ArrayBuffer> {
  return Float64Array.from(original.values, (x, i) => {
    const e = x - result.values[i];
    return e - e === 0 ? e : 0;
  });
}

/** Decomposes the error. */
export const work: Correction<LowRankParams, Factors> = {
  kind: "correction",
  async fit({ rank, factors }, original, result, job) {
    const { rows, cols } = original;
    const error = { rows, cols, values: residual(original, result) };
    const { singular, left, right } = await truncatedSvd(error, rank, {
      pace: (done, total) => job.checkpoint(Math.floor(done), total, "rounds"),
    });
    // Each factor takes the root of the singular value, so that both have one magnitude to store.
    const root = singular.map(Math.sqrt);
    const thin = Float32Array.from(left.values, (x, i) => x * root[i % rank]);
    const wide = Float32Array.from(right.values, (x, i) => x * root[Math.floor(i / cols)]);
    return {
      left: await job.store("left factor", { rows, cols: rank, values: thin }, factors),
      right: await job.store("right factor", { rows: rank, cols, values: wide }, factors),
    };
  },
  correct({ left, right }, { row0, rows, cols, values }) {
    const rank = left.cols;
    const out = values.slice();
    const sum = new Float64Array(cols);
    for (let r = 0; r < rows; r++) {
      sum.fill(0);
      for (let k = 0; k < rank; k++) {
        const l = left.values[(row0 + r) * rank + k];
        if (l !== 0) for (let c = 0; c < cols; c++) sum[c] += l * right.values[k * cols + c];
      }
      // Added in float64 and rounded once.
      for (let c = 0; c < cols; c++) out[r * cols + c] = values[r * cols + c] + sum[c];
    }
    return out;
  },
  bits: ({ left, right }, { rows, cols }) => [
    { what: `left factor, ${left.cols} columns (${left.recipe})`, bitsPerWeight: left.bits / (rows * cols) },
    { what: `right factor, ${right.rows} rows (${right.recipe})`, bitsPerWeight: right.bits / (rows * cols) },
  ],
  side: ({ left, right }) => [left, right],
};

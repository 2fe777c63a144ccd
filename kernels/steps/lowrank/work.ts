import type { Correction, SideTensor } from "../step.ts";
import { fitThin, paceOf, rankNotes, residual, storeThin, weightsOf } from "../thin/fit.ts";
import type { LowRankParams } from "./index.ts";

/** The factors as they come back from their recipe: left rows x rank, right rank x cols. */
interface Factors {
  left: SideTensor;
  right: SideTensor;
  notes: string[];
}

/** Decomposes the error. */
export const work: Correction<LowRankParams, Factors> = {
  kind: "correction",
  async fit({ asked, rank, factors, by, fade }, original, result, job) {
    const run = paceOf(job);
    const weights = await weightsOf(by, job.calibration, `lowrank(by=${by})`, run);
    const error = residual(original, result);
    await job.checkpoint(0, 1, "rounds");
    const thin = await fitThin(error, rank, weights, run, fade);
    return { ...(await storeThin(thin, factors, job)), notes: rankNotes("lowrank", asked, rank) };
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
  notes: ({ notes }) => notes,
};

import { partOf } from "../../calibration/index.ts";
import type { Correction, SideTensor } from "../step.ts";
import type { BiasParams } from "./index.ts";

/** Rows between two looks at whoever may cancel. */
const ROWS = 256;

/** b = (W - Q) mean(x): the mean of the outputs' error over the tokens, which b then takes off it. Weights stay as they are. */
export const work: Correction<BiasParams, SideTensor> = {
  kind: "correction",
  async fit({ values }, original, result, job) {
    const mean = partOf(job.calibration, "mean", "bias");
    const { rows, cols } = original;
    const bias = new Float32Array(rows);
    for (let r = 0; r < rows; r++) {
      if (r % ROWS === 0) await job.checkpoint(r, rows, "rows");
      let sum = 0;
      for (let c = 0, i = r * cols; c < cols; c++, i++) {
        const e = original.values[i] - result.values[i];
        if (e - e === 0) sum += e * mean[c];
      }
      bias[r] = sum;
    }
    return job.store("bias", { rows, cols: 1, values: bias }, values);
  },
  correct: (_, { values }) => values,
  outputs: ({ values }) => values,
  bits: (bias, { rows, cols }) => [
    { what: `bias of ${rows} outputs (${bias.recipe})`, bitsPerWeight: bias.bits / (rows * cols) },
  ],
  side: (bias) => [bias],
};

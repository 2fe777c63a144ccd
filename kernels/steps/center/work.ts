import type { FittedTransform, Matrix, Rows, SideTensor } from "../step.ts";
import type { CenterParams } from "./index.ts";

interface Means {
  by: CenterParams["by"];
  stored: SideTensor;
}

/** The mean of the finite values of each column or row, in float64, rounded once; 0 where there are none. */
function meansOf({ rows, cols, values }: Matrix, by: CenterParams["by"]): Float32Array {
  const count = by === "col" ? cols : rows;
  const [sums, counts] = [new Float64Array(count), new Float64Array(count)];
  for (let r = 0, i = 0; r < rows; r++) {
    for (let c = 0; c < cols; c++, i++) {
      if (values[i] - values[i] !== 0) continue;
      sums[by === "col" ? c : r] += values[i];
      counts[by === "col" ? c : r]++;
    }
  }
  return Float32Array.from(sums, (sum, k) => (counts[k] > 0 ? sum / counts[k] : 0));
}

/** Takes the means off (sign -1) or adds them (1); each value is rounded once. */
function shifted({ by, stored }: Means, { row0, cols, values }: Rows, sign: 1 | -1): Float32Array {
  return values.map((x, i) => x + sign * stored.values[by === "col" ? i % cols : row0 + Math.floor(i / cols)]);
}

export const work: FittedTransform<CenterParams, Means> = {
  kind: "transform",
  async fit({ by, means }, operand, job) {
    const values = meansOf(operand, by);
    await job.checkpoint(1, 1, "means");
    const shape = by === "col" ? { rows: 1, cols: values.length } : { rows: values.length, cols: 1 };
    return {
      by,
      stored: await job.store(`means of each ${by === "col" ? "column" : "row"}`, { ...shape, values }, means),
    };
  },
  forward: (means, rows) => shifted(means, rows, -1),
  inverse: (means, rows) => shifted(means, rows, 1),
  // The weight's error meets the same inputs.
  dual: () => ({ kind: "channels", from: null, factor: null }),
  bits: ({ stored }, { rows, cols }) => [{ what: stored.name, bitsPerWeight: stored.bits / (rows * cols) }],
};

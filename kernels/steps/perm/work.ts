import { partOf } from "../../calibration/index.ts";
import { columnAmax, columnEnds, columnVariance, indexBits, largestFirst } from "../columns.ts";
import type { FittedTransform, Matrix, StepJob } from "../step.ts";
import { clusterRanks } from "./clusters.ts";
import type { PermParams } from "./index.ts";

/** The column at each place after the step, and the place of each column. */
interface Order {
  from: Uint32Array;
  to: Uint32Array;
}

/** Moves columns: out[c] = in[from[c]]. */
function moved({ rows, cols, values }: Matrix, from: Uint32Array): Float32Array {
  const out = new Float32Array(values.length);
  for (let r = 0; r < rows; r++) for (let c = 0; c < cols; c++) out[r * cols + c] = values[r * cols + from[c]];
  return out;
}

/** What the columns are ordered by, the largest first. */
function keysOf({ by, k }: PermParams, operand: Matrix, job: StepJob): ArrayLike<number> {
  if (by === "variance") return columnVariance(operand);
  if (by === "clusters") return clusterRanks(columnEnds(operand), k);
  if (by === "inputs") return partOf(job.calibration, "meanSquare", "perm(inputs)");
  return columnAmax(operand);
}

export const work: FittedTransform<PermParams, Order> = {
  kind: "transform",
  async fit(params, operand, job) {
    await job.checkpoint(1, 1, "columns");
    const from = largestFirst(keysOf(params, operand, job));
    const to = new Uint32Array(from.length);
    from.forEach((column, place) => {
      to[column] = place;
    });
    return { from, to };
  },
  forward: ({ from }, rows) => moved(rows, from),
  inverse: ({ to }, rows) => moved(rows, to),
  columns: ({ to }) => to,
  dual: ({ from }) => ({ kind: "channels", from, factor: null }),
  bits: (_, { rows, cols }) => [{ what: `order of ${cols} columns`, bitsPerWeight: indexBits(cols) / rows }],
};

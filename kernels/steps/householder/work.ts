import { threefry2x32 } from "../../random/threefry.ts";
import { columnAmax, indexBits, largestFirst } from "../columns.ts";
import type { FittedTransform, Rows } from "../step.ts";
import type { HouseholderParams } from "./index.ts";

/** A reflection I - 2 v v^T / v^T v, and 2 / v^T v. */
interface Reflection {
  v: Float64Array;
  factor: number;
}

/**
 * The reflection that changes e_column and the flat vector of +-1/sqrt(n) into each other. Each has signs of its own, drawn by seed:
 * with one flat vector for all, a second reflection would gather what the first one spread.
 */
function reflectionOf(column: number, index: number, cols: number, { seed, stream }: HouseholderParams): Reflection {
  const word = new Uint32Array(2);
  const v = new Float64Array(cols);
  let square = 0;
  for (let c = 0; c < cols; c++) {
    threefry2x32(seed, stream, c, index, word);
    v[c] = (c === column ? 1 : 0) - (word[0] >>> 31 ? -1 : 1) / Math.sqrt(cols);
    square += v[c] * v[c];
  }
  // Where the row is one column alone, the flat vector may be that axis itself.
  return { v, factor: square > 0 ? 2 / square : 0 };
}

/** Reflects a row in place, one reflection after the other. */
function reflectRow(reflections: readonly Reflection[], row: Float64Array): void {
  for (const { v, factor } of reflections) {
    let dot = 0;
    for (let c = 0; c < row.length; c++) dot += v[c] * row[c];
    dot *= factor;
    for (let c = 0; c < row.length; c++) row[c] -= dot * v[c];
  }
}

/** Reflects rows, in float64, rounded once. Rows that hold NaN or Inf are left as they are. */
function reflected(reflections: readonly Reflection[], { rows, cols, values }: Rows): Float32Array {
  const out = values.slice();
  const row = new Float64Array(cols);
  for (let r = 0; r < rows; r++) {
    const from = r * cols;
    let finite = true;
    for (let c = 0; c < cols; c++) {
      row[c] = values[from + c];
      if (row[c] - row[c] !== 0) finite = false;
    }
    if (!finite) continue;
    reflectRow(reflections, row);
    out.set(row, from);
  }
  return out;
}

export const work: FittedTransform<HouseholderParams, Reflection[]> = {
  kind: "transform",
  async fit(params, operand, job) {
    const loudest = largestFirst(columnAmax(operand)).subarray(0, params.k);
    await job.checkpoint(1, 1, "columns");
    return Array.from(loudest, (column, index) => reflectionOf(column, index, operand.cols, params));
  },
  forward: reflected,
  inverse: (reflections, rows) => reflected(reflections.toReversed(), rows),
  // A product of reflections is orthogonal: the inputs go the way that the weight goes.
  dual: (reflections) => ({
    kind: "rows",
    apply: (x, from, count) => reflectRow(reflections, x.subarray(from, from + count)),
  }),
  bits: (reflections, { rows, cols }) => [
    {
      what: `columns of ${reflections.length} reflections`,
      bitsPerWeight: (reflections.length * indexBits(cols)) / (rows * cols),
    },
  ],
};

import type { FittedTransform, Matrix } from "../step.ts";

/** The column at each place after the step, and the place of each column. */
interface Order {
  from: Uint32Array;
  to: Uint32Array;
}

/** The largest finite magnitude of each column. */
function columnAmax({ rows, cols, values }: Matrix): Float32Array {
  const amax = new Float32Array(cols);
  for (let r = 0, i = 0; r < rows; r++) {
    for (let c = 0; c < cols; c++, i++) {
      const a = Math.abs(values[i]);
      if (a > amax[c] && a < Infinity) amax[c] = a;
    }
  }
  return amax;
}

/** Moves columns: out[c] = in[from[c]]. */
function moved({ rows, cols, values }: Matrix, from: Uint32Array): Float32Array {
  const out = new Float32Array(values.length);
  for (let r = 0; r < rows; r++) for (let c = 0; c < cols; c++) out[r * cols + c] = values[r * cols + from[c]];
  return out;
}

/** Bits of an index below n. */
const indexBits = (n: number): number => Math.ceil(Math.log2(Math.max(2, n)));

/** Orders the columns by their largest magnitude. */
export const work: FittedTransform<null, Order> = {
  kind: "transform",
  async fit(_, operand, job) {
    const amax = columnAmax(operand);
    await job.checkpoint(1, 1, "columns");
    // Equal columns keep their order, so that every machine finds the same.
    const from = Uint32Array.from(amax.keys()).sort((a, b) => amax[b] - amax[a] || a - b);
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

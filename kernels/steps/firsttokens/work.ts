import type { Matrix, SideTensor, Split } from "../step.ts";
import type { FirstTokensParams } from "./index.ts";

interface Kept {
  /** The place of a row among those kept, or -1. */
  place: Int32Array;
  side: SideTensor;
  share: number;
}

const firstOf = ({ n, every }: FirstTokensParams, rows: number): number[] =>
  Array.from({ length: rows }, (_, r) => r).filter((r) => (every > 0 ? r % every : r) < n);

export const work: Split<FirstTokensParams, Kept> = {
  kind: "split",
  async fit(params, { rows, cols, values }: Matrix, job) {
    const first = firstOf(params, rows);
    const place = new Int32Array(rows).fill(-1);
    const kept = new Float32Array(first.length * cols);
    first.forEach((row, k) => {
      place[row] = k;
      kept.set(values.subarray(row * cols, (row + 1) * cols), k * cols);
    });
    const side = await job.store("first tokens", { rows: first.length, cols, values: kept }, params.values);
    return { place, side, share: first.length / rows };
  },
  rest({ place }, { row0, rows, cols, values }) {
    const out = values.slice();
    for (let r = 0; r < rows; r++) if (place[row0 + r] >= 0) out.fill(0, r * cols, (r + 1) * cols);
    return out;
  },
  /** In the place of whatever stands there: these rows have no codes. */
  add({ place, side }, { row0, rows, cols, values }) {
    const out = values.slice();
    for (let r = 0; r < rows; r++) {
      const k = place[row0 + r];
      if (k >= 0) out.set(side.values.subarray(k * cols, (k + 1) * cols), r * cols);
    }
    return out;
  },
  bits: ({ side }, { rows, cols }) => [
    { what: `${side.rows} first rows (${side.recipe})`, bitsPerWeight: side.bits / (rows * cols) },
  ],
  stored: ({ share }) => 1 - share,
  side: ({ side }) => [side],
};

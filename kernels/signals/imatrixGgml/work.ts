import { work as imatrix, importanceOf } from "../imatrix/work.ts";
import type { RowSignal } from "../signal.ts";
import { squaredTerms } from "../terms.ts";

/**
 * ggml's weights of a row: importance times sqrt(sigma^2 + x^2), where sigma^2 is the row's mean square, as quantize_row_q4_0_impl and
 * its like have it (ggml-quants.c). K-quants take the mean square of 256 values, twice in some types: the same weights but for what
 * a row's stretches differ in.
 */
function weightsOf(values: Float32Array, from: number, cols: number, importance: ArrayLike<number>): Float64Array {
  let [sum, count] = [0, 0];
  for (let c = 0; c < cols; c++) {
    const x = values[from + c];
    if (x - x !== 0) continue;
    sum += x * x;
    count++;
  }
  const square = count > 0 ? sum / count : 0;
  return Float64Array.from({ length: cols }, (_, c) => {
    const x = values[from + c];
    return x - x === 0 ? importance[c] * Math.sqrt(square + x * x) : 0;
  });
}

export const work: RowSignal = {
  ...imatrix,
  async terms(rows) {
    const importance = importanceOf(rows, "imatrixGgml");
    const { values, cols, row0 } = rows;
    return squaredTerms(rows, (row) => weightsOf(values, (row - row0) * cols, cols, importance(row)));
  },
};

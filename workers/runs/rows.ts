import type { MatrixSource } from "../../kernels/matrix/source.ts";
import type { GivenTensor } from "./target.ts";

/**
 * A query or key projection with the rows of each head in the other rotary order. Row `2j + i` of a head in pairs is row
 * `i * half + j` in halves (i = 0, 1), as llama.cpp's converter permutes them.
 */
export function reorderRows(matrix: MatrixSource, { heads, from }: NonNullable<GivenTensor["rows"]>): MatrixSource {
  const { rows, cols } = matrix;
  const size = rows / heads;
  const half = size / 2;
  /** Where a row of the order asked for stands in the stored head. */
  const stored = (row: number) =>
    from === "pairs" ? 2 * (row % half) + Math.floor(row / half) : (row % 2) * half + Math.floor(row / 2);
  return {
    ...matrix,
    async read(row0, row1) {
      const first = Math.floor(row0 / size) * size;
      const values = await matrix.read(first, Math.ceil(row1 / size) * size);
      const out = new Float32Array((row1 - row0) * cols);
      for (let row = row0; row < row1; row++) {
        const head = Math.floor(row / size) * size;
        const at = (head + stored(row - head) - first) * cols;
        out.set(values.subarray(at, at + cols), (row - row0) * cols);
      }
      return out;
    },
  };
}

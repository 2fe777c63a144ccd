import type { MatrixSource } from "./source.ts";

/** A matrix in memory, row-major float32, as a source of rows. */
export function heldMatrix(values: Float32Array, rows: number, cols: number, name: string): MatrixSource {
  return {
    ...{ name, shape: [rows, cols], view: { split: 1, transpose: false }, rows, cols, notes: [] },
    read: async (row0, row1) => values.slice(row0 * cols, row1 * cols),
  };
}

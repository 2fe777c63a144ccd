/** Rows of vectors that are read in pieces. */
export interface Vectors {
  rows: number;
  cols: number;
  /** Rows [from, to), row-major. */
  read(from: number, to: number): Promise<Float32Array>;
}

/** Values read at once: 16 MB. */
const PIECE = 2 ** 22;

/** Pieces of whole rows, in order. */
export async function* pieces({ rows, cols, read }: Vectors): AsyncGenerator<{ from: number; values: Float32Array }> {
  const step = Math.max(1, Math.floor(PIECE / cols));
  for (let from = 0; from < rows; from += step) yield { from, values: await read(from, Math.min(rows, from + step)) };
}

import type { MatrixSource } from "../../kernels/matrix/source.ts";

/** Rows of a tile: whole blocks of every standard format lie in it. */
const TILE_ROWS = 128;

/** How many tiles make a sample; null where it is the whole matrix. */
function tilesOf(rows: number, cols: number, elements: number): number | null {
  if (rows * cols <= elements || rows <= TILE_ROWS) return null;
  return Math.max(1, Math.min(Math.floor(rows / TILE_ROWS), Math.floor(elements / (TILE_ROWS * cols))));
}

/** Rows and columns of a sample of at most `elements`. */
export function sampleShape({ rows, cols }: { rows: number; cols: number }, elements: number) {
  const tiles = tilesOf(rows, cols, elements);
  return { rows: tiles === null ? rows : tiles * TILE_ROWS, cols };
}

/**
 * Tiles of neighbouring rows, spread evenly from the first to the last, as a matrix of its own with at most `elements`
 * elements (but one tile at least). The matrix itself where it has no more. Sums over it stand for those of the whole
 * as far as rows are alike; the notes say what was taken.
 */
export function sampleRows(matrix: MatrixSource, elements: number): MatrixSource {
  const { rows, cols } = matrix;
  const tiles = tilesOf(rows, cols, elements);
  if (tiles === null) return matrix;
  const all = Math.floor(rows / TILE_ROWS);
  /** First row of a tile: tiles begin where blocks of rows do. */
  const begin = (tile: number) => (tiles === 1 ? 0 : Math.round((tile * (all - 1)) / (tiles - 1)) * TILE_ROWS);
  const taken = tiles * TILE_ROWS;
  const note = `figures are of ${taken.toLocaleString("en")} of ${rows.toLocaleString("en")} rows: ${tiles} tiles of ${TILE_ROWS}, spread evenly`;
  return {
    name: matrix.name,
    shape: [taken, cols],
    view: { split: 1, transpose: false },
    rows: taken,
    cols,
    get notes() {
      return [...matrix.notes, note];
    },
    async read(row0, row1) {
      const out = new Float32Array((row1 - row0) * cols);
      for (let row = row0; row < row1; ) {
        const tile = Math.floor(row / TILE_ROWS);
        const end = Math.min(row1, (tile + 1) * TILE_ROWS);
        const from = begin(tile) + (row - tile * TILE_ROWS);
        out.set(await matrix.read(from, from + end - row), (row - row0) * cols);
        row = end;
      }
      return out;
    },
  };
}

import { blockOf } from "../../../plan/blocks.ts";
import type { BlockGrid } from "../../../report/report.ts";
import type { Tile } from "../../backend.ts";
import { pieceFields } from "../wgsl/spec.ts";

/** A part of a tile that one dispatch handles: whole rows, or a stretch of a single row; contiguous in memory. */
export interface Piece {
  /** Row and column in the matrix. */
  row: number;
  rows: number;
  col: number;
  cols: number;
  /** Index of the first element in the tile's arrays, and how many follow. */
  start: number;
  count: number;
}

/** Cuts a tile into pieces of at most `most` elements. */
export function piecesOf(tile: Tile, most: number): Piece[] {
  const pieces: Piece[] = [];
  const rows = Math.max(1, Math.floor(most / tile.cols));
  const cols = Math.min(most, tile.cols);
  for (let r = 0; r < tile.rows; r += rows) {
    for (let col = 0; col < tile.cols; col += cols) {
      const [height, width] = [Math.min(rows, tile.rows - r), Math.min(cols, tile.cols - col)];
      const start = r * tile.cols + col;
      pieces.push({ row: tile.row0 + r, rows: height, col, cols: width, start, count: height * width });
    }
  }
  return pieces;
}

/** Row-major index of a piece's first element in the matrix. */
export const indexOf = (grid: BlockGrid, piece: Piece): number => piece.row * grid.cols + piece.col;

/** Blocks [first, end) that hold the piece's elements; row-major, perhaps with others between. */
export function blocksOf(grid: BlockGrid, piece: Piece): [number, number] {
  const lastRow = piece.row + piece.rows - 1;
  const lastCol = piece.col + piece.cols - 1;
  return [blockOf(grid, piece.row, piece.col), blockOf(grid, lastRow, lastCol) + 1];
}

export interface Binning {
  valueExponent: number;
  /** Terms are multiplied by 2^these before the shaders sum them. */
  squareShift: number;
  magnitudeShift: number;
}

type PieceField = (typeof pieceFields)[number][0];

/** The uniform that places a piece in the matrix. */
export function pieceWords(grid: BlockGrid, piece: Piece, binning: Binning): Int32Array {
  const index = indexOf(grid, piece);
  const values: Record<PieceField, number> = {
    count: piece.count,
    width: piece.cols,
    index_low: index >>> 0,
    index_high: Math.floor(index / 2 ** 32),
    row_in_block: piece.row % grid.blockRows,
    col_in_block: grid.flat ? index % grid.flat : piece.col % grid.blockCols,
    block_rows: grid.blockRows,
    block_cols: grid.blockCols,
    flat: grid.flat,
    blocks_across: grid.gridCols,
    value_exponent: binning.valueExponent,
    square_shift: binning.squareShift,
    magnitude_shift: binning.magnitudeShift,
  };
  return Int32Array.from(pieceFields, ([name]) => values[name]);
}

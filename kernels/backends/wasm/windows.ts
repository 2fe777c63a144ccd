import { blockOf } from "../../plan/blocks.ts";
import type { Plan } from "../../plan/plan.ts";
import type { BlockGrid } from "../../report/report.ts";
import type { Tile } from "../backend.ts";
import { Field } from "./fields.ts";

/** Elements that are in wasm memory at a time: small enough for a second-level cache. */
const WINDOW = 2 ** 16;

/** Rows of a tile, or part of one row: rows [row, row + rows) of the tile, columns [col, col + width). */
export interface Window {
  row: number;
  rows: number;
  col: number;
  width: number;
  /** Where it lies in the tile's arrays. */
  from: number;
  to: number;
}

/** Cuts a tile into windows of whole rows where rows are short enough, else into parts of rows. */
export function windowsOf(rows: number, cols: number): Window[] {
  const windows: Window[] = [];
  if (cols > WINDOW) {
    for (let row = 0; row < rows; row++) {
      for (let col = 0; col < cols; col += WINDOW) {
        const width = Math.min(WINDOW, cols - col);
        const from = row * cols + col;
        windows.push({ row, rows: 1, col, width, from, to: from + width });
      }
    }
    return windows;
  }
  const step = Math.floor(WINDOW / cols);
  for (let row = 0; row < rows; row += step) {
    const count = Math.min(step, rows - row);
    windows.push({ row, rows: count, col: 0, width: cols, from: row * cols, to: (row + count) * cols });
  }
  return windows;
}

/** Elements of the largest window. */
export const windowSize = (rows: number, cols: number): number => Math.min(WINDOW, rows * cols);

/** Blocks [first, first + count) that a tile touches. */
export function blocksOf(grid: BlockGrid, tile: Tile): { first: number; count: number } {
  if (grid.kind === "none") return { first: 0, count: 1 };
  if (grid.kind === "col") return { first: 0, count: grid.gridCols };
  const first = blockOf(grid, tile.row0, 0);
  return { first, count: blockOf(grid, tile.row0 + tile.rows - 1, grid.cols - 1) + 1 - first };
}

/** How the blocks lie on the tile. */
export function gridFields(plan: Plan, tile: Tile): [Field, number][] {
  const { grid } = plan;
  const perColumn = grid.kind === "col";
  return [
    [Field.cols, plan.cols],
    [Field.run, grid.flat ? Math.min(grid.flat, 2 ** 30) : perColumn ? grid.cols : grid.blockCols],
    [Field.flat, grid.flat],
    [Field.perColumn, perColumn ? 1 : 0],
    [Field.tileRow0, tile.row0],
    [Field.blockRows, grid.flat ? 1 : grid.blockRows],
    [Field.gridCols, grid.gridCols],
    [Field.firstBlock, blocksOf(grid, tile).first],
  ];
}

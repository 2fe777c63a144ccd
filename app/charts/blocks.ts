/** Which block an element lies in, where a block lies, and errors per row, column and block. */

import type { Report } from "../../kernels/measure/report.ts";
import type { BlockGrid, Profile } from "../../kernels/report/report.ts";
import type { MatrixWindow, ProfileAxis } from "./types.ts";

/** Index of the block of an element; `null` where the recipe has no blocks. */
export function blockOf(grid: BlockGrid, row: number, col: number): number | null {
  if (grid.kind === "none") return null;
  if (grid.kind === "flat") return Math.floor((row * grid.cols + col) / grid.flat);
  return Math.floor(row / grid.blockRows) * grid.gridCols + Math.floor(col / grid.blockCols);
}

/** First element of a block. */
export function firstOfBlock(grid: BlockGrid, block: number): { row: number; col: number } {
  if (grid.kind === "flat") {
    const at = block * grid.flat;
    return { row: Math.floor(at / grid.cols), col: at % grid.cols };
  }
  const gridCols = Math.max(1, grid.gridCols);
  return { row: Math.floor(block / gridCols) * grid.blockRows, col: (block % gridCols) * grid.blockCols };
}

/** Rows and columns a block covers; `null` for flat blocks, which run over row ends. */
export function extentOf(grid: BlockGrid, block: number): MatrixWindow | null {
  if (grid.kind === "flat" || grid.kind === "none") return null;
  const { row, col } = firstOfBlock(grid, block);
  return {
    row0: row,
    row1: Math.min(grid.rows, row + grid.blockRows),
    col0: col,
    col1: Math.min(grid.cols, col + grid.blockCols),
  };
}

/** Elements in a block; the last ones may be cut. */
export function blockSize(grid: BlockGrid, block: number): number {
  if (grid.kind === "flat") return Math.min(grid.flat, grid.rows * grid.cols - block * grid.flat);
  const e = extentOf(grid, block);
  return e ? (e.row1 - e.row0) * (e.col1 - e.col0) : 1;
}

export const profileOf = (report: Report, axis: ProfileAxis): Profile | null =>
  axis === "row" ? report.rowProfile : axis === "col" ? report.colProfile : report.blockProfile;

export type ProfileMeasure = "rms" | "nmse";

/** Root mean square error, or error over signal, at each index. Without signal the ratio is NaN unless there is no error. */
export function profileValues(report: Report, axis: ProfileAxis, measure: ProfileMeasure): Float64Array | null {
  const profile = profileOf(report, axis);
  if (!profile) return null;
  const { rows, cols } = report.matrix;
  const { step } = profile;
  /** Elements that entry i sums over. */
  const size = (i: number) => {
    if (axis === "row") return cols * Math.min(step, rows - i * step);
    if (axis === "col") return rows * Math.min(step, cols - i * step);
    const blocks = report.grid.gridRows * report.grid.gridCols;
    let elements = 0;
    for (let block = i * step; block < Math.min(blocks, (i + 1) * step); block++)
      elements += blockSize(report.grid, block);
    return elements;
  };
  return profile.error.map((e, i) => {
    if (measure === "rms") return Math.sqrt(e / Math.max(1, size(i)));
    return profile.signal[i] > 0 ? e / profile.signal[i] : e === 0 ? 0 : Number.NaN;
  });
}

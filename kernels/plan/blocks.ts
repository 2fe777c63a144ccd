import type { BlockShape } from "../grammar/ast.ts";
import type { BlockGrid } from "../report/report.ts";

/** Lays blocks over a rows x cols matrix. A block larger than the matrix is cut to it; the last ones may be short. */
export function layBlocks(shape: BlockShape | null, rows: number, cols: number): BlockGrid {
  const grid = (kind: BlockGrid["kind"], blockRows: number, blockCols: number, flat = 0): BlockGrid => ({
    kind,
    rows,
    cols,
    blockRows,
    blockCols,
    gridRows: flat ? 1 : Math.ceil(rows / blockRows),
    gridCols: flat ? Math.ceil((rows * cols) / flat) : Math.ceil(cols / blockCols),
    flat,
  });
  if (shape === null) return grid("none", rows, cols);
  switch (shape.kind) {
    case "run":
      return grid("run", 1, Math.min(shape.n, cols));
    case "tile":
      return grid("tile", Math.min(shape.rows, rows), Math.min(shape.cols, cols));
    case "row":
      return grid("row", 1, cols);
    case "col":
      return grid("col", rows, 1);
    case "tensor":
      return grid("tensor", rows, cols);
    case "flat":
      return grid("flat", rows, cols, Math.min(shape.n, rows * cols));
  }
}

export const blockCount = (g: BlockGrid): number => g.gridRows * g.gridCols;

/** Index of the block that holds element (row, col). */
export function blockOf(g: BlockGrid, row: number, col: number): number {
  if (g.flat) return Math.floor((row * g.cols + col) / g.flat);
  return Math.floor(row / g.blockRows) * g.gridCols + Math.floor(col / g.blockCols);
}

/** Elements in a block, fewer at the edges. */
export function blockSize(g: BlockGrid, block: number): number {
  if (g.flat) return Math.min(g.flat, g.rows * g.cols - block * g.flat);
  const [row0, row1, col0, col1] = blockExtent(g, block)!;
  return (row1 - row0) * (col1 - col0);
}

/** [row0, row1, col0, col1) of a block; null for flat blocks, which need not be rectangles. */
export function blockExtent(g: BlockGrid, block: number): [number, number, number, number] | null {
  if (g.flat) return null;
  const r = Math.floor(block / g.gridCols);
  const c = block % g.gridCols;
  return [
    r * g.blockRows,
    Math.min(g.rows, (r + 1) * g.blockRows),
    c * g.blockCols,
    Math.min(g.cols, (c + 1) * g.blockCols),
  ];
}

/**
 * Calls `visit(from, to, block)` for the stretches of one row that share a block, left to right: columns [from, to).
 */
export function eachRun(g: BlockGrid, row: number, visit: (from: number, to: number, block: number) => void): void {
  if (g.flat) {
    const start = row * g.cols;
    for (let from = 0; from < g.cols; ) {
      const block = Math.floor((start + from) / g.flat);
      const to = Math.min(g.cols, (block + 1) * g.flat - start);
      visit(from, to, block);
      from = to;
    }
    return;
  }
  const first = Math.floor(row / g.blockRows) * g.gridCols;
  for (let k = 0, from = 0; from < g.cols; k++, from += g.blockCols) {
    visit(from, Math.min(g.cols, from + g.blockCols), first + k);
  }
}

/**
 * The smallest number of rows after which blocks start afresh, so that a tile of a multiple of it holds whole blocks.
 * Blocks that span all rows need them all.
 */
export function rowPeriod(g: BlockGrid): number {
  if (g.flat) {
    const [n, m] = [g.flat, g.cols];
    return Math.min(g.rows, n / gcd(n, m));
  }
  return g.kind === "none" ? 1 : g.blockRows;
}

function gcd(a: number, b: number): number {
  return b === 0 ? a : gcd(b, a % b);
}

/** A block in words, as notation writes it. */
export function blockText(shape: BlockShape): string {
  switch (shape.kind) {
    case "run":
      return String(shape.n);
    case "tile":
      return `${shape.rows}x${shape.cols}`;
    case "flat":
      return `flat(${shape.n})`;
    default:
      return shape.kind;
  }
}

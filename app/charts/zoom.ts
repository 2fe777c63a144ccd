/** Zooming and panning of ranges and of matrix windows, as plain arithmetic. */
import type { MatrixWindow, Range } from "./types.ts";

/** Scales the range by `factor` (below 1 zooms in) about `centre` and keeps it inside `bounds`, at least `least` wide. */
export function zoomRange(range: Range, centre: number, factor: number, bounds: Range, least: number): Range {
  const whole = bounds.hi - bounds.lo;
  const span = Math.min(whole, Math.max(Math.min(least, whole), (range.hi - range.lo) * factor));
  const t = range.hi > range.lo ? (centre - range.lo) / (range.hi - range.lo) : 0.5;
  return within({ lo: centre - t * span, hi: centre + (1 - t) * span }, bounds);
}

/** Moves the range by `by` and keeps it inside `bounds`. */
export const panRange = (range: Range, by: number, bounds: Range): Range =>
  within({ lo: range.lo + by, hi: range.hi + by }, bounds);

function within(range: Range, bounds: Range): Range {
  const span = range.hi - range.lo;
  if (span >= bounds.hi - bounds.lo) return { ...bounds };
  if (range.lo < bounds.lo) return { lo: bounds.lo, hi: bounds.lo + span };
  if (range.hi > bounds.hi) return { lo: bounds.hi - span, hi: bounds.hi };
  return range;
}

/** Whether the range is (but for rounding) all of the bounds. */
export const isWhole = (range: Range, bounds: Range): boolean =>
  range.hi - range.lo >= (bounds.hi - bounds.lo) * (1 - 1e-9);

/** Whether two ranges are (but for rounding) the same. */
export function sameRange(a: Range, b: Range): boolean {
  const slack = 1e-9 * Math.max(a.hi - a.lo, b.hi - b.lo);
  return Math.abs(a.lo - b.lo) <= slack && Math.abs(a.hi - b.hi) <= slack;
}

/** The least number of rows and of columns one can zoom to. */
const LEAST_CELLS = 4;

export const wholeMatrix = (rows: number, cols: number): MatrixWindow => ({ row0: 0, row1: rows, col0: 0, col1: cols });

const rowsOf = (w: MatrixWindow): Range => ({ lo: w.row0, hi: w.row1 });
const colsOf = (w: MatrixWindow): Range => ({ lo: w.col0, hi: w.col1 });
const windowOf = (r: Range, c: Range): MatrixWindow => ({ row0: r.lo, row1: r.hi, col0: c.lo, col1: c.hi });

/** Zooms a window about a point of the matrix. */
export function zoomWindow(
  w: MatrixWindow,
  row: number,
  col: number,
  factor: number,
  rows: number,
  cols: number,
): MatrixWindow {
  return windowOf(
    zoomRange(rowsOf(w), row, factor, { lo: 0, hi: rows }, LEAST_CELLS),
    zoomRange(colsOf(w), col, factor, { lo: 0, hi: cols }, LEAST_CELLS),
  );
}

export function panWindow(w: MatrixWindow, dRow: number, dCol: number, rows: number, cols: number): MatrixWindow {
  return windowOf(panRange(rowsOf(w), dRow, { lo: 0, hi: rows }), panRange(colsOf(w), dCol, { lo: 0, hi: cols }));
}

/** Moves the window just enough to show the element. */
export function reveal(w: MatrixWindow, row: number, col: number, rows: number, cols: number): MatrixWindow {
  const by = (lo: number, hi: number, at: number) => (at < lo ? at - lo : at + 1 > hi ? at + 1 - hi : 0);
  return panWindow(w, by(w.row0, w.row1, row), by(w.col0, w.col1, col), rows, cols);
}

/** `null` if the window is the whole matrix: that is how the whole is written in props and links. */
export function normalWindow(w: MatrixWindow, rows: number, cols: number): MatrixWindow | null {
  return isWhole(rowsOf(w), { lo: 0, hi: rows }) && isWhole(colsOf(w), { lo: 0, hi: cols }) ? null : w;
}

/** Whole rows and columns to fetch for a window, with a quarter more on each side so that panning finds something. */
export function fetchWindow(w: MatrixWindow, rows: number, cols: number): MatrixWindow {
  const [dr, dc] = [(w.row1 - w.row0) / 4, (w.col1 - w.col0) / 4];
  return {
    row0: Math.max(0, Math.floor(w.row0 - dr)),
    row1: Math.min(rows, Math.ceil(w.row1 + dr)),
    col0: Math.max(0, Math.floor(w.col0 - dc)),
    col1: Math.min(cols, Math.ceil(w.col1 + dc)),
  };
}

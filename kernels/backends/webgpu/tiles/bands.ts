/**
 * How a piece is cut for reductions. Rows, columns, blocks and cells of the map are all rectangles of some period; a
 * band is a stretch of rows (or columns) that crosses no boundary of them, and a part is where two bands cross.
 */

/** A rectangle of the matrix, in its rows and columns. */
export interface Rectangle {
  row: number;
  rows: number;
  col: number;
  cols: number;
}

export interface Bands {
  /** Start and end of each band, counted from the start of the rectangle. */
  spans: Uint32Array;
  /** Which period each band belongs to. */
  entries: Float64Array;
}

export interface Cut {
  rows: Bands;
  cols: Bands;
  /** Columns of the rectangle. */
  width: number;
  /** A workgroup a part rather than a thread. */
  byGroup: boolean;
}

/** The most elements of a part. */
export interface PartSizes {
  thread: number;
  group: number;
  /** Parts of one row each, so that their order is row-major. */
  singleRows?: boolean;
}

/** Narrower parts than this would leave most threads of a workgroup without neighbours to read. */
const GROUP_WIDTH = 32;
const GROUP_LEAST = 64;

/** Cuts a rectangle along rectangles of periodRows x periodCols that start at the matrix's origin. */
export function cutRectangle(area: Rectangle, periodRows: number, periodCols: number, sizes: PartSizes): Cut {
  const width = Math.min(periodCols, area.cols);
  const height = sizes.singleRows ? 1 : Math.min(periodRows, area.rows);
  const byGroup = width >= GROUP_WIDTH && width * height >= GROUP_LEAST;
  const most = byGroup ? sizes.group : sizes.thread;
  const partCols = Math.min(width, most);
  const partRows = sizes.singleRows ? 1 : Math.max(1, Math.floor(most / partCols));
  return {
    rows: bandsOf(area.row, area.rows, periodRows, partRows),
    cols: bandsOf(area.col, area.cols, periodCols, partCols),
    width: area.cols,
    byGroup,
  };
}

/** Stretches of `count` indices from `from`, of at most `most`, that cross no multiple of `period`. */
export function bandsOf(from: number, count: number, period: number, most: number): Bands {
  const spans: number[] = [];
  const entries: number[] = [];
  for (let at = from; at < from + count; ) {
    const entry = Math.floor(at / period);
    const end = Math.min(from + count, (entry + 1) * period, at + most);
    spans.push(at - from, end - from);
    entries.push(entry);
    at = end;
  }
  return { spans: Uint32Array.from(spans), entries: Float64Array.from(entries) };
}

export const partCount = (cut: Cut): number => cut.rows.entries.length * cut.cols.entries.length;

/** Calls `visit(part, rowEntry, colEntry)` for every part, row by row. */
export function eachPart(cut: Cut, visit: (part: number, row: number, col: number) => void): void {
  const { rows, cols } = cut;
  for (let r = 0, part = 0; r < rows.entries.length; r++) {
    for (let c = 0; c < cols.entries.length; c++, part++) visit(part, rows.entries[r], cols.entries[c]);
  }
}

import { PANEL } from "./commands.ts";
import type { Dense } from "./dense.ts";

/** Rows [from, to) of a matrix, as a machine keeps them. */
export interface Range {
  from: number;
  to: number;
}

/** n rows cut into panels; an empty matrix has none. */
export function rangesOf(n: number, height = PANEL): Range[] {
  return Array.from({ length: Math.ceil(n / height) }, (_, i) => ({
    from: i * height,
    to: Math.min(n, (i + 1) * height),
  }));
}

export const lengthOf = ({ from, to }: Range): number => to - from;

/** A part of a matrix, or of its transpose, row-major. */
export function part(a: Dense, rows: Range, cols: Range, transpose = false): Float64Array<ArrayBuffer> {
  const [height, width] = [lengthOf(rows), lengthOf(cols)];
  if (!transpose && width === a.cols) return a.values.subarray(rows.from * a.cols, rows.to * a.cols);
  const out = new Float64Array(height * width);
  if (!transpose) {
    for (let r = 0; r < height; r++) {
      const at = (rows.from + r) * a.cols;
      out.set(a.values.subarray(at + cols.from, at + cols.to), r * width);
    }
    return out;
  }
  // Rows of the matrix are read front to back, some of them at a time.
  for (let c0 = 0; c0 < width; c0 += NARROW) {
    for (let r = 0; r < height; r++) {
      for (let c = c0; c < Math.min(width, c0 + NARROW); c++) {
        out[r * width + c] = a.values[(cols.from + c) * a.cols + rows.from + r];
      }
    }
  }
  return out;
}

/** Columns of a part that are written while a row is read: their cache lines stay at hand. */
const NARROW = 8;

/** Rows of a symmetric matrix, whole, from its upper triangle. */
export function symmetricRows(a: Dense, rows: Range): Float64Array<ArrayBuffer> {
  const n = a.cols;
  const height = lengthOf(rows);
  const out = part(a, rows, { from: 0, to: n }).slice();
  for (let c = 0; c < rows.to; c++) {
    for (let r = Math.max(0, c + 1 - rows.from); r < height; r++) out[r * n + c] = a.values[c * n + rows.from + r];
  }
  return out;
}

/** Rows of J a J from the diagonal on, from the upper triangle of a symmetric matrix; what lies below the diagonal means nothing. */
export function reversedRows(a: Dense, rows: Range): Float64Array<ArrayBuffer> {
  const n = a.cols;
  const [height, width] = [lengthOf(rows), n - rows.from];
  const out = new Float64Array(height * width);
  for (let r0 = 0; r0 < height; r0 += NARROW) {
    for (let c = 0; c < width; c++) {
      // Row and column of the element that comes to row `rows.from`.
      const at = (width - 1 - c) * n + n - 1 - rows.from;
      for (let r = r0; r < Math.min(height, r0 + NARROW); r++) out[r * width + c] = a.values[at - r];
    }
  }
  return out;
}

/** Puts values in the place of a part of a matrix. */
export function place(values: Float64Array, into: Dense, rows: Range, cols: Range): void {
  const width = lengthOf(cols);
  for (let r = 0; r < lengthOf(rows); r++) {
    into.values.set(values.subarray(r * width, (r + 1) * width), (rows.from + r) * into.cols + cols.from);
  }
}

/** Puts rows from the diagonal on in their place in an upper triangle, and below it where the matrix is to be symmetric. */
export function placeUpper(values: Float64Array, into: Dense, rows: Range, symmetric = false): void {
  const n = into.cols;
  const width = n - rows.from;
  const height = lengthOf(rows);
  for (let r = 0; r < height; r++) {
    into.values.set(values.subarray(r * width + r, (r + 1) * width), (rows.from + r) * n + rows.from + r);
  }
  if (!symmetric) return;
  for (let c = 1; c < width; c++) {
    const at = (rows.from + c) * n + rows.from;
    for (let r = 0; r < Math.min(c, height); r++) into.values[at + r] = values[r * width + c];
  }
}

/** Puts rows of an upper triangle, from the diagonal on, where they come to in J a^T J, which is one, too. */
export function placeReversed(values: Float64Array, into: Dense, rows: Range): void {
  const n = into.cols;
  const width = n - rows.from;
  const height = lengthOf(rows);
  for (let c = 0; c < width; c++) {
    const at = (width - 1 - c) * n + n - 1 - rows.from;
    for (let r = 0; r <= Math.min(c, height - 1); r++) into.values[at - r] = values[r * width + c];
  }
}

/** Puts rows in the place of the same columns. */
export function placeColumns(values: Float64Array, into: Dense, cols: Range): void {
  const m = into.rows;
  const height = lengthOf(cols);
  for (let r0 = 0; r0 < height; r0 += NARROW) {
    for (let c = 0; c < m; c++) {
      const at = c * into.cols + cols.from;
      for (let r = r0; r < Math.min(height, r0 + NARROW); r++) into.values[at + r] = values[r * m + c];
    }
  }
}

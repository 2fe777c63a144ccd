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
  for (let c0 = 0; c0 < width; c0 += 8) {
    for (let r = 0; r < height; r++) {
      for (let c = c0; c < Math.min(width, c0 + 8); c++) {
        out[r * width + c] = a.values[(cols.from + c) * a.cols + rows.from + r];
      }
    }
  }
  return out;
}

/** Puts values in the place of a part of a matrix; of a panel on the diagonal, its upper triangle alone where `upper` is set. */
export function place(values: Float64Array, into: Dense, rows: Range, cols: Range, upper = false): void {
  const width = lengthOf(cols);
  for (let r = 0; r < lengthOf(rows); r++) {
    const skip = upper ? Math.max(0, rows.from + r - cols.from) : 0;
    into.values.set(values.subarray(r * width + skip, (r + 1) * width), (rows.from + r) * into.cols + cols.from + skip);
  }
}

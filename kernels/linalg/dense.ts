import { NotFinite, ShapeError } from "./errors.ts";

/** Dense matrices, row-major float64: element (r, c) is `values[r * cols + c]`. */
export interface Dense {
  rows: number;
  cols: number;
  values: Float64Array<ArrayBuffer>;
}

/** A matrix over these values, or of zeros. Throws ShapeError where their number is not rows times cols. */
export function dense(rows: number, cols: number, values = new Float64Array(rows * cols)): Dense {
  if (values.length !== rows * cols) {
    throw new ShapeError(`A matrix of ${rows} x ${cols} has ${rows * cols} values, not ${values.length}.`);
  }
  return { rows, cols, values };
}

/** Whole rows of `cols` float32 values as a matrix. */
export const denseRows = (values: Float32Array, cols: number): Dense =>
  dense(values.length / cols, cols, Float64Array.from(values));

/** The matrix with ones on its diagonal. */
export function identity(n: number): Dense {
  const out = dense(n, n);
  for (let i = 0; i < n; i++) out.values[i * n + i] = 1;
  return out;
}

/** Columns and rows of a tile that is transposed at once: two of them lie in the first cache. */
const TILE = 32;

export function transposed({ rows, cols, values }: Dense): Dense {
  const out = dense(cols, rows);
  for (let r0 = 0; r0 < rows; r0 += TILE) {
    const r1 = Math.min(rows, r0 + TILE);
    for (let c0 = 0; c0 < cols; c0 += TILE) {
      const c1 = Math.min(cols, c0 + TILE);
      for (let r = r0; r < r1; r++) for (let c = c0; c < c1; c++) out.values[c * rows + r] = values[r * cols + c];
    }
  }
  return out;
}

/** Rows and columns in reverse order: J a J. Takes an upper triangle to a lower one. */
export function reversed({ rows, cols, values }: Dense): Dense {
  return dense(rows, cols, values.slice().reverse());
}

/** Copies the upper triangle onto the lower one, in place. */
export function mirrorUpper({ rows: n, values }: Dense): void {
  for (let r0 = 0; r0 < n; r0 += TILE) {
    for (let c0 = r0; c0 < n; c0 += TILE) {
      for (let r = r0; r < Math.min(n, r0 + TILE); r++) {
        for (let c = Math.max(c0, r + 1); c < Math.min(n, c0 + TILE); c++) values[c * n + r] = values[r * n + c];
      }
    }
  }
}

/** Throws ShapeError unless the matrix is square. */
export function mustBeSquare({ rows, cols }: Dense, what: string): void {
  if (rows !== cols) throw new ShapeError(`${what} takes a square matrix, not ${rows} x ${cols}.`);
}

/** Values between two looks at whoever may cancel: some milliseconds. */
const LOOKED = 2 ** 22;

/**
 * Throws NotFinite, with the place of the first such value, unless all are finite; the upper triangle alone is looked at
 * where `upper` is set.
 */
export async function mustBeFinite(
  { rows, cols, values }: Dense,
  what: string,
  look: () => Promise<void>,
  upper = false,
): Promise<void> {
  const step = Math.max(1, Math.floor(LOOKED / Math.max(1, cols)));
  for (let r0 = 0; r0 < rows; r0 += step) {
    await look();
    for (let r = r0; r < Math.min(rows, r0 + step); r++) {
      // The sum is zero, or no number.
      let sum = 0;
      for (let i = r * cols + (upper ? r : 0); i < (r + 1) * cols; i++) sum += values[i] - values[i];
      if (sum === 0) continue;
      const col = values.subarray(r * cols, (r + 1) * cols).findIndex((x, c) => x - x !== 0 && !(upper && c < r));
      throw new NotFinite(what, r, col, values[r * cols + col]);
    }
  }
}

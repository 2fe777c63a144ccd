import type { Matrix } from "./step.ts";

/** The largest finite magnitude of each column. */
export function columnAmax({ rows, cols, values }: Matrix): Float32Array {
  const amax = new Float32Array(cols);
  for (let r = 0, i = 0; r < rows; r++) {
    for (let c = 0; c < cols; c++, i++) {
      const a = Math.abs(values[i]);
      if (a > amax[c] && a < Infinity) amax[c] = a;
    }
  }
  return amax;
}

/** Bits of an index below n. */
export const indexBits = (n: number): number => Math.ceil(Math.log2(Math.max(2, n)));

/** Columns by what is known of each, the largest first; of equal ones the first, so that every machine finds the same. */
export const largestFirst = (of: ArrayLike<number>): Uint32Array =>
  Uint32Array.from({ length: of.length }, (_, c) => c).sort((a, b) => of[b] - of[a] || a - b);

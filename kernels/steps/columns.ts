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

/** The least and largest finite value of each column; zeros where there is none. */
export function columnEnds({ rows, cols, values }: Matrix): { min: Float32Array; max: Float32Array } {
  const [min, max] = [new Float32Array(cols).fill(Infinity), new Float32Array(cols).fill(-Infinity)];
  for (let r = 0, i = 0; r < rows; r++) {
    for (let c = 0; c < cols; c++, i++) {
      const x = values[i];
      if (x - x !== 0) continue;
      if (x < min[c]) min[c] = x;
      if (x > max[c]) max[c] = x;
    }
  }
  for (let c = 0; c < cols; c++) if (min[c] > max[c]) min[c] = max[c] = 0;
  return { min, max };
}

/** The variance of the finite values of each column, in float64 about their own mean. */
export function columnVariance({ rows, cols, values }: Matrix): Float64Array {
  const [counts, means, squares] = [new Float64Array(cols), new Float64Array(cols), new Float64Array(cols)];
  for (let r = 0, i = 0; r < rows; r++) {
    for (let c = 0; c < cols; c++, i++) {
      const x = values[i];
      if (x - x !== 0) continue;
      // Welford (1962): no difference of large sums.
      const apart = x - means[c];
      means[c] += apart / ++counts[c];
      squares[c] += apart * (x - means[c]);
    }
  }
  return squares.map((sum, c) => (counts[c] > 0 ? sum / counts[c] : 0));
}

/** Bits of an index below n. */
export const indexBits = (n: number): number => Math.ceil(Math.log2(Math.max(2, n)));

/** Columns by what is known of each, the largest first; of equal ones the first, so that every machine finds the same. */
export const largestFirst = (of: ArrayLike<number>): Uint32Array =>
  Uint32Array.from({ length: of.length }, (_, c) => c).sort((a, b) => of[b] - of[a] || a - b);

import type { RowTerms, SignalRows } from "./signal.ts";

/**
 * Sums of squared errors and squared values of each row, float64 over float32 values. `weightOf` gives the weights of a row's columns;
 * without it all count alike. An element that is not finite is in no sum; nor is one whose result is not, which is counted.
 */
export function squaredTerms(
  { values, results, cols, row0 }: Pick<SignalRows, "values" | "results" | "cols" | "row0">,
  weightOf?: (row: number) => ArrayLike<number>,
): RowTerms {
  const rows = cols === 0 ? 0 : values.length / cols;
  const terms: RowTerms = { error: new Float64Array(rows), signal: new Float64Array(rows), broken: 0 };
  for (let r = 0, at = 0; r < rows; r++) {
    const weights = weightOf?.(row0 + r);
    let [error, signal] = [0, 0];
    for (let c = 0; c < cols; c++, at++) {
      const [x, y] = [values[at], results[at]];
      if (x - x !== 0) continue;
      if (y - y !== 0) {
        terms.broken++;
        continue;
      }
      const weight = weights === undefined ? 1 : weights[c];
      error += weight * (x - y) * (x - y);
      signal += weight * x * x;
    }
    terms.error[r] = error;
    terms.signal[r] = signal;
  }
  return terms;
}

/** A ratio of sums, or null where there is nothing to divide by. */
export const ratio = (error: number, signal: number): number | null => (signal > 0 ? error / signal : null);

/** Values without those that are not finite. */
export const finiteOf = (values: Float32Array): Float32Array => values.filter((x) => x - x === 0);

/** How ggml combines the importance of columns with the values that stand in them. */
import { SUPER } from "./types.ts";

const f32 = Math.fround;

/** Importance of columns that count alike: what stands in where ggml asks for weights and there are none. */
export const ALIKE = new Float32Array(SUPER).fill(1);

/** The sum of the first `n` squares, in order. */
export function sumOfSquares(x: Float32Array, n: number = SUPER): number {
  let sum = 0;
  for (let i = 0; i < n; i++) sum = f32(sum + f32(x[i] * x[i]));
  return sum;
}

/**
 * Weights of values [from, from + n) into `into`: importance times sqrt(variance + x^2). `variance` is the mean square of the
 * block or the row, or twice that, as the type has it: a value near zero matters as one of that size would.
 */
export function weigh(
  x: Float32Array,
  from: number,
  n: number,
  importance: Float32Array,
  variance: number,
  into: Float32Array,
): void {
  for (let i = 0; i < n; i++) {
    const v = x[from + i];
    // The root of a double, rounded to float32, is that of float32.
    into[i] = importance[from + i] * f32(Math.sqrt(f32(variance + f32(v * v))));
  }
}

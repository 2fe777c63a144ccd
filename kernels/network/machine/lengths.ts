/**
 * The length to which a window is padded: a power of two, or one and a half of one, from 32 on. Every length is compiled by itself,
 * so there are few. What is behind the window's end is never seen by it: attention looks back only.
 */
export function paddedLength(tokens: number): number {
  for (let power = 32; ; power *= 2) {
    if (tokens <= power) return power;
    if (tokens <= power * 1.5) return power * 1.5;
  }
}

/** Values of rows x cols with rows of zeros behind them. */
export function padRows(values: Float32Array, rows: number, cols: number): Float32Array {
  if (values.length === rows * cols) return values;
  const padded = new Float32Array(rows * cols);
  padded.set(values);
  return padded;
}

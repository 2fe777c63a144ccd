import type { Rows } from "./step.ts";

/** Multiplies each column by its factor, or divides by it; each value is rounded once. */
export function scaledRows({ cols, values }: Rows, factors: Float32Array, divide: boolean): Float32Array {
  const out = new Float32Array(values.length);
  for (let at = 0; at < values.length; at += cols) {
    if (divide) for (let c = 0; c < cols; c++) out[at + c] = values[at + c] / factors[c];
    else for (let c = 0; c < cols; c++) out[at + c] = values[at + c] * factors[c];
  }
  return out;
}

import type { FittedTransform, Matrix, Rows, StepJob } from "./step.ts";

/** Multiplies each column by its factor, or divides by it; each value is rounded once. */
export function scaledRows({ cols, values }: Rows, factors: Float32Array, divide: boolean): Float32Array {
  const out = new Float32Array(values.length);
  for (let at = 0; at < values.length; at += cols) {
    if (divide) for (let c = 0; c < cols; c++) out[at + c] = values[at + c] / factors[c];
    else for (let c = 0; c < cols; c++) out[at + c] = values[at + c] * factors[c];
  }
  return out;
}

/**
 * A transform that multiplies the weight's columns by factors, float32 and positive, and divides the inputs by them. They fold into what
 * makes the input, so that none of them is stored.
 */
export const scaledChannels = <Params>(
  factors: (params: Params, operand: Matrix, job: StepJob) => Promise<Float32Array>,
): FittedTransform<Params, Float32Array> => ({
  kind: "transform",
  fit: factors,
  forward: (own, rows) => scaledRows(rows, own, false),
  inverse: (own, rows) => scaledRows(rows, own, true),
  dual: (own) => ({ kind: "channels", from: null, factor: Float64Array.from(own, (s) => 1 / s) }),
  bits: () => [],
});

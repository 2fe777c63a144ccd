import type { TensorSignal } from "../signal.ts";

/** Fourth central moment over the squared second, of finite values in float64, in two passes; null where they are all the same. */
export function kurtosisOf(values: ArrayLike<number>): number | null {
  let [sum, count] = [0, 0];
  for (let i = 0; i < values.length; i++) {
    if (values[i] - values[i] !== 0) continue;
    sum += values[i];
    count++;
  }
  const mean = sum / count;
  let [second, fourth] = [0, 0];
  for (let i = 0; i < values.length; i++) {
    if (values[i] - values[i] !== 0) continue;
    const square = (values[i] - mean) ** 2;
    second += square;
    fourth += square * square;
  }
  return second > 0 ? (count * fourth) / (second * second) : null;
}

export const work: TensorSignal = { of: "tensor", value: async ({ values }) => kurtosisOf(values) };

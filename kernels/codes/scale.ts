/** The root mean square of the finite values, in float64 in their order; 0 where there is none. */
export function rootMeanSquare(values: Float32Array): number {
  let [sum, count] = [0, 0];
  for (const x of values) {
    if (x - x !== 0) continue;
    sum += x * x;
    count++;
  }
  return count === 0 ? 0 : Math.sqrt(sum / count);
}

/** One scale for the whole tensor as it is stored, in float32: values over it have the root mean square `wanted`. */
export const tensorScale = (values: Float32Array, wanted: number): number =>
  Math.fround(rootMeanSquare(values) / wanted);

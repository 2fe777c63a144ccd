/**
 * ZeroQ's sensitivity of one layer: the divergence of its outputs, as shares by softmax, with and without a recipe (nats, mean over
 * rows of inputs). KL(P || Q), P from the weight as it is.
 * @param inputs tokens x cols; `values` and `results` outputs x cols.
 * @returns null where outputs are not finite, or there are none.
 */
export function outputDivergence(
  inputs: Float32Array,
  values: Float32Array,
  results: Float32Array,
  cols: number,
): number | null {
  const [tokens, outputs] = [inputs.length / cols, values.length / cols];
  if (!(tokens > 0 && outputs > 0)) return null;
  const [p, q] = [new Float64Array(outputs), new Float64Array(outputs)];
  let sum = 0;
  for (let t = 0; t < tokens; t++) {
    const x = inputs.subarray(t * cols, (t + 1) * cols);
    for (let o = 0; o < outputs; o++) {
      let [a, b] = [0, 0];
      for (let j = 0; j < cols; j++) {
        a += x[j] * values[o * cols + j];
        b += x[j] * results[o * cols + j];
      }
      p[o] = a;
      q[o] = b;
    }
    const [logP, logQ] = [logShares(p), logShares(q)];
    for (let o = 0; o < outputs; o++) sum += Math.exp(logP[o]) * (logP[o] - logQ[o]);
  }
  // What is 0 may come out a little below.
  return Number.isFinite(sum) ? Math.max(0, sum / tokens) : null;
}

function logShares(outputs: Float64Array): Float64Array {
  const top = outputs.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  const log = top + Math.log(outputs.reduce((a, b) => a + Math.exp(b - top), 0));
  return outputs.map((x) => x - log);
}

import type { ResultSignal } from "../signal.ts";
import { tokenOutputs } from "../token-outputs.ts";

/** Tokens that are looked at: their mean moves little beyond. */
const TOKENS = 64;

/** Logarithms of the shares that softmax makes of outputs. */
function logShares(outputs: Float64Array): Float64Array {
  const top = outputs.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  const log = top + Math.log(outputs.reduce((a, b) => a + Math.exp(b - top), 0));
  return outputs.map((x) => x - log);
}

/** KL(P || Q) in nats, P and Q the shares that softmax makes of outputs. */
export function shareDivergence(before: Float64Array, after: Float64Array): number {
  const [p, q] = [logShares(before), logShares(after)];
  return p.reduce((sum, own, i) => sum + Math.exp(own) * (own - q[i]), 0);
}

/**
 * ZeroQ's sensitivity of a layer: the divergence of its outputs as shares, mean over tokens of the calibration (nats). Of sampled rows, of their
 * outputs alone.
 */
export const work: ResultSignal = {
  of: "results",
  async value(rows) {
    const outputs = await tokenOutputs(rows, TOKENS, "distilled");
    if (!outputs) return null;
    const { rows: tokens, cols } = outputs.before;
    let sum = 0;
    for (let t = 0; t < tokens; t++) {
      const [before, after] = [outputs.before, outputs.after].map((of) => of.values.subarray(t * cols, (t + 1) * cols));
      sum += shareDivergence(before, after);
    }
    // What is 0 may come out a little below.
    return Number.isFinite(sum) ? Math.max(0, sum / tokens) : null;
  },
};

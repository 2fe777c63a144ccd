import type { Dense } from "../linalg/dense.ts";
import type { AttentionShape } from "./types.ts";

/** Keys that a token sees: all, or those up to its own place, where the last token sees the last key. */
export const seenBy = (token: number, tokens: number, keyTokens: number, causal: boolean): number =>
  causal ? Math.max(0, Math.min(keyTokens, token + 1 + keyTokens - tokens)) : keyTokens;

/** Weights of a head: exp(logit - row's largest) in [0, 1], 0 for keys that a token does not see, and their sum by token. */
export interface Weights {
  values: Float32Array;
  sums: Float64Array;
}

/** The weights of logits, tokens x keys, in float64, rounded once to float32. A row that sees no key has the sum 0. */
export function weightsOf(logits: Dense, { causal }: Pick<AttentionShape, "causal">): Weights {
  const { rows: tokens, cols: keys } = logits;
  const values = new Float32Array(tokens * keys);
  const sums = new Float64Array(tokens);
  for (let t = 0; t < tokens; t++) {
    const row = logits.values.subarray(t * keys, t * keys + seenBy(t, tokens, keys, causal));
    let most = -Infinity;
    for (const logit of row) if (!(logit <= most)) most = logit;
    let sum = 0;
    for (let k = 0; k < row.length; k++) {
      const weight = Math.exp(row[k] - most);
      sum += weight;
      values[t * keys + k] = weight;
    }
    sums[t] = sum;
  }
  return { values, sums };
}

/** KL(p || q) in nats between two rows of weights, each over its own sum; infinite where q has no weight that p has. */
export function divergence(p: Float32Array, pSum: number, q: Float32Array, qSum: number): number {
  let kl = 0;
  for (let k = 0; k < p.length; k++) {
    if (p[k] > 0) kl += (p[k] / pSum) * (Math.log(p[k] / pSum) - Math.log(q[k] / qSum));
  }
  return kl;
}

/** Entropy of a row of weights over their sum, in nats. */
export function entropyOf(weights: Float32Array, sum: number): number {
  let entropy = 0;
  for (const weight of weights) if (weight > 0) entropy -= (weight / sum) * Math.log(weight / sum);
  return entropy;
}

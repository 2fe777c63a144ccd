/**
 * What two rows of logits say of one prediction. Logits are float32, as the network gives them; everything from there on is float64, so
 * that a KL of 1e-9 is not lost among logarithms of ten.
 */
import type { FirstChoices } from "../request.ts";

/** log of the sum of exp, less nothing: the normaliser of a row. NaN where a logit is not finite. */
export function logSumExp(logits: Float32Array, from: number, to: number): number {
  let most = Number.NEGATIVE_INFINITY;
  for (let i = from; i < to; i++) {
    const x = logits[i];
    if (x - x !== 0) return Number.NaN;
    if (x > most) most = x;
  }
  let sum = 0;
  for (let i = from; i < to; i++) sum += Math.exp(logits[i] - most);
  return most + Math.log(sum);
}

/** The place of the largest logit, the first among equals. */
export function firstChoice(logits: Float32Array, from: number, to: number): number {
  let best = from;
  for (let i = from + 1; i < to; i++) if (logits[i] > logits[best]) best = i;
  return best - from;
}

/** Rows of logits under the model as it is, with what is used of them once for every recipe. */
export interface BaseRows {
  logits: Float32Array;
  /** Log of the normaliser of each row. */
  normal: Float64Array;
  choices: FirstChoices;
  /** exp(logits - normal), made when rows are first compared with these: recipes that are compared next find them. */
  probabilities: Float64Array | null;
}

/** A few rows of logits, `vocabulary` each. */
export function baseRows(logits: Float32Array, vocabulary: number): BaseRows {
  const rows = logits.length / vocabulary;
  const normal = new Float64Array(rows);
  const choices = noChoices(rows);
  for (let r = 0, at = 0; r < rows; r++, at += vocabulary) {
    normal[r] = logSumExp(logits, at, at + vocabulary);
    choose(choices, r, logits, at, at + vocabulary, normal[r]);
  }
  return { logits, normal, choices, probabilities: null };
}

export const noChoices = (predictions: number): FirstChoices => ({
  tokens: new Uint32Array(predictions),
  p: new Float64Array(predictions),
});

/** Writes the first choice of a row of logits, whose normaliser is known, at a place. */
export function choose(
  into: FirstChoices,
  place: number,
  logits: Float32Array,
  from: number,
  to: number,
  normal: number,
): void {
  const token = firstChoice(logits, from, to);
  into.tokens[place] = token;
  into.p[place] = Math.exp(logits[from + token] - normal);
}

/** -log p of the right tokens. */
export function lossRows({ logits, normal }: BaseRows, targets: Uint32Array, vocabulary: number): Float64Array {
  return Float64Array.from(normal, (z, r) => z - logits[r * vocabulary + targets[r]]);
}

/** Probabilities of all of the model's rows. */
export function probabilitiesOf(base: BaseRows): Float64Array {
  if (base.probabilities) return base.probabilities;
  const { logits, normal } = base;
  const out = new Float64Array(logits.length);
  const vocabulary = logits.length / normal.length;
  for (let r = 0, i = 0; r < normal.length; r++) {
    for (const to = i + vocabulary; i < to; i++) out[i] = Math.exp(logits[i] - normal[r]);
  }
  base.probabilities = out;
  return out;
}

/**
 * sum of p (log p - log q) over a row, where log p = l - zp and log q = m - zq: each term p ((l - m) - (zp - zq)), so that equal rows give
 * zero to the bit. Rounding may leave some 1e-16 below zero; it stays, since cut off it would bias the mean.
 */
export function divergence(
  p: Float64Array,
  base: Float32Array,
  other: Float32Array,
  from: number,
  to: number,
  shift: number,
): number {
  let sum = 0;
  for (let i = from; i < to; i++) sum += p[i] * (base[i] - other[i] - shift);
  return sum;
}

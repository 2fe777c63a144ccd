/**
 * What quantized queries, keys, values and probabilities do to the outputs of attention, softmax(Q K^T scale) V. Each goes through a recipe
 * of its own, tokens being rows: blocks along a row are of one token, those along columns (`/128x1`, `/col`) of one channel. Products and
 * softmax are float64, so that what is found is the recipes' doing. As in SageAttention3 (arXiv 2505.11594), quantized probabilities
 * are divided by the sum that they had before.
 */
import type { Backend } from "../backends/backend.ts";
import type { QuantizeOptions } from "../backends/options.ts";
import { paceOf } from "../engine/calibrated.ts";
import { quantizeMatrix } from "../engine/quantize.ts";
import type { Definition, Recipe } from "../grammar/ast.ts";
import { RecipeError } from "../grammar/errors.ts";
import { type Dense, denseRows } from "../linalg/dense.ts";
import { multiply } from "../linalg/product.ts";
import { heldMatrix } from "../matrix/held.ts";
import type { Plan } from "../plan/plan.ts";
import { prepareRecipe } from "../prepare/prepare.ts";
import { divergence, entropyOf, seenBy, weightsOf } from "./probabilities.ts";
import type { AttentionHead, AttentionRole, AttentionShape, AttentionSums } from "./types.ts";

export type AttentionRecipes = { readonly [R in AttentionRole]?: Recipe };

/** What is known after a head: sums of its outputs, and the bits a value of each quantized part. */
export interface AttentionMeasured {
  sums: AttentionSums;
  bits: { [R in AttentionRole]?: number };
}

/** As for a matrix, with a backend for each recipe. */
export interface AttentionOptions extends Pick<QuantizeOptions, "checkpoint" | "now"> {
  backendFor(plan: Plan): Promise<Backend> | Backend;
}

const checked = (head: AttentionHead): void => {
  const { tokens, keyTokens, dim, valueDim, queries, keys, values } = head;
  const fits = queries.length === tokens * dim && keys.length === keyTokens * dim;
  if (!fits || values.length !== keyTokens * valueDim) {
    throw new RecipeError(
      `attention takes queries of ${tokens} x ${dim}, keys of ${keyTokens} x ${dim} and values of ${keyTokens} x ${valueDim}: these are of other sizes`,
    );
  }
  for (const [name, array] of Object.entries({ queries, keys, values })) {
    if (array.some((x) => x - x !== 0)) throw new RecipeError(`the ${name} hold NaN or Inf: attention has no outputs`);
  }
};

/** Measures one head. Rejects with RecipeError for sizes or recipes that do not fit and values that are not finite, and as `checkpoint` does. */
export async function measureAttention(
  head: AttentionHead,
  shape: AttentionShape,
  recipes: AttentionRecipes,
  definitions: readonly Definition[],
  options: AttentionOptions,
): Promise<AttentionMeasured> {
  checked(head);
  const { tokens, keyTokens, dim, valueDim } = head;
  const bits: AttentionMeasured["bits"] = {};
  const through = async (role: AttentionRole, values: Float32Array, rows: number, cols: number) => {
    const recipe = recipes[role];
    if (!recipe) return values;
    const plan = prepareRecipe(recipe, [...definitions], rows, cols);
    const backend = await options.backendFor(plan);
    const quantized = await quantizeMatrix(heldMatrix(values, rows, cols, role), plan, { ...options, backend });
    bits[role] = quantized.report.metrics.bitsPerWeight;
    return (await quantized.rows(0, rows)).result;
  };
  const run = paceOf(options);
  const queries = await through("queries", head.queries, tokens, dim);
  const keys = await through("keys", head.keys, keyTokens, dim);
  const values = await through("values", head.values, keyTokens, valueDim);
  const logitsOf = async (q: Float32Array, k: Float32Array): Promise<Dense> => {
    const product = await multiply(denseRows(q, dim), denseRows(k, dim), { transposeB: true }, run);
    for (let i = 0; i < product.values.length; i++) product.values[i] *= shape.scale;
    return product;
  };
  const outputsOf = async (weights: Float32Array, sums: Float64Array, v: Float32Array): Promise<Dense> => {
    const out = await multiply(denseRows(weights, keyTokens), denseRows(v, valueDim), {}, run);
    for (let i = 0; i < out.values.length; i++) out.values[i] /= sums[Math.floor(i / valueDim)];
    return out;
  };
  const logits = await logitsOf(head.queries, head.keys);
  const wanted = weightsOf(logits, shape);
  const logitsAfter = recipes.queries || recipes.keys ? await logitsOf(queries, keys) : logits;
  const found = logitsAfter === logits ? wanted : weightsOf(logitsAfter, shape);
  const weights = await through("probabilities", found.values, tokens, keyTokens);
  const sums = noSums();
  addLogits(sums, logits, logitsAfter, shape.causal);
  addRows(sums, wanted.values, weights, tokens, keyTokens);
  addOutputs(
    sums,
    await outputsOf(wanted.values, wanted.sums, head.values),
    await outputsOf(weights, found.sums, values),
  );
  return { sums, bits };
}

/** Sums of nothing. */
export const noSums = (): AttentionSums => ({
  ...{ outputs: 0, signal: 0, error: 0, absSignal: 0, absError: 0, product: 0, energy: 0 },
  ...{ logitSignal: 0, logitError: 0, rows: 0, kl: 0, entropy: 0, entropyAfter: 0, broken: 0 },
});

/** Sums of several heads, added. */
export function addSums(into: AttentionSums, more: AttentionSums): void {
  for (const key of Object.keys(into) as (keyof AttentionSums)[]) into[key] += more[key];
}

function addLogits(sums: AttentionSums, before: Dense, after: Dense, causal: boolean): void {
  const { rows, cols } = before;
  for (let t = 0; t < rows; t++) {
    const seen = seenBy(t, rows, cols, causal);
    // A shift of a whole row changes no probability: what the mean of the keys adds to every logit of a query is no error.
    let shift = 0;
    for (let k = 0; k < seen; k++) shift += after.values[t * cols + k] - before.values[t * cols + k];
    shift /= seen;
    for (let k = 0; k < seen; k++) {
      const i = t * cols + k;
      sums.logitSignal += before.values[i] ** 2;
      sums.logitError += (after.values[i] - before.values[i] - shift) ** 2;
    }
  }
}

function addRows(sums: AttentionSums, before: Float32Array, after: Float32Array, tokens: number, keys: number): void {
  for (let t = 0; t < tokens; t++) {
    const [p, q] = [before, after].map((all) => all.subarray(t * keys, t * keys + keys));
    const [total, totalAfter] = [p, q].map((row) => row.reduce((sum, weight) => sum + weight, 0));
    // A token that sees no key.
    if (total === 0) continue;
    sums.rows++;
    sums.kl += divergence(p, total, q, totalAfter);
    sums.entropy += entropyOf(p, total);
    sums.entropyAfter += entropyOf(q, totalAfter);
  }
}

function addOutputs(sums: AttentionSums, before: Dense, after: Dense): void {
  for (let i = 0; i < before.values.length; i++) {
    const [o, p] = [before.values[i], after.values[i]];
    // A token that sees no key has no output.
    if (!Number.isFinite(o)) continue;
    if (!Number.isFinite(p)) {
      sums.broken++;
      continue;
    }
    sums.outputs++;
    sums.signal += o * o;
    sums.error += (o - p) ** 2;
    sums.absSignal += Math.abs(o);
    sums.absError += Math.abs(o - p);
    sums.product += o * p;
    sums.energy += p * p;
  }
}

/** Recipes that draw random numbers, with other seeds: what one draw shows may be the draw's doing. */
import type { Call, Quantizer, Recipe, Value } from "../../../kernels/grammar/ast.ts";
import { parseDefinition, parseRecipe, printRecipe } from "../../../kernels/notation/index.ts";
import type { RunRequest } from "../../../workers/runs/target.ts";

/** How many draws a figure's spread is taken over, the recipe's own among them. */
export const SEEDS = 5;

type Change = (seed: number) => number;

function inCall(call: Call, change: Change): Call {
  const value = (key: string | null, v: Value): Value => {
    if (v.type === "recipe") return { ...v, recipe: inRecipe(v.recipe, change) };
    if (v.type === "call") return { ...v, call: inCall(v.call, change) };
    return key === "seed" && v.type === "number" ? { ...v, value: change(v.value) } : v;
  };
  return { ...call, args: call.args.map((arg) => ({ ...arg, value: value(arg.key, arg.value) })) };
}

function inQuantizer(q: Quantizer, change: Change): Quantizer {
  return {
    ...q,
    base: inCall(q.base, change),
    rounding: q.rounding && inCall(q.rounding, change),
    rule: q.rule && inCall(q.rule, change),
    scale: q.scale && inQuantizer(q.scale, change),
  };
}

const inRecipe = ({ before, quantizer, after }: Recipe, change: Change): Recipe => ({
  before: before.map((call) => inCall(call, change)),
  quantizer: inQuantizer(quantizer, change),
  after: after.map((call) => inCall(call, change)),
});

/**
 * The recipe with `SEEDS` seeds, its own first: the k-th has k added to every seed in it, so that two recipes with one
 * seed keep one. `null` where nothing random is in it, or it cannot be read.
 */
export function seededRecipes({ recipe, definitions }: Pick<RunRequest, "recipe" | "definitions">): string[] | null {
  try {
    const known = definitions.map((text) => parseDefinition(text));
    const tree = parseRecipe(recipe, { definitions: known });
    let seeds = 0;
    inRecipe(tree, (seed) => {
      seeds++;
      return seed;
    });
    if (seeds === 0) return null;
    return Array.from({ length: SEEDS }, (_, k) =>
      printRecipe(
        inRecipe(tree, (seed) => (seed + k) % 2 ** 32),
        { definitions: known },
      ),
    );
  } catch {
    return null;
  }
}

export interface MeanSpread {
  mean: number;
  /** Sample standard deviation. */
  spread: number;
}

/** Mean and sample standard deviation; null for fewer than two values, or where one is not finite. */
export function meanSpread(values: readonly number[]): MeanSpread | null {
  if (values.length < 2 || !values.every(Number.isFinite)) return null;
  const mean = values.reduce((sum, v) => sum + v, 0) / values.length;
  const squares = values.reduce((sum, v) => sum + (v - mean) ** 2, 0);
  return { mean, spread: Math.sqrt(squares / (values.length - 1)) };
}

/** What several seeds gave, in decibels. */
export interface SeedSpread {
  seeds: number;
  /** `null` for a side that draws nothing. */
  a: MeanSpread | null;
  b: MeanSpread | null;
  /** A less B, seed by seed: what both owe to one draw cancels. */
  difference: MeanSpread;
  /** They were tried on a part of the tensor. */
  sampled: boolean;
}

/** From the figures of each seed; a side that draws nothing has one. Null where a figure is missing. */
export function seedSpread(
  a: readonly (number | null)[],
  b: readonly (number | null)[],
  sampled: boolean,
): SeedSpread | null {
  const seeds = Math.max(a.length, b.length);
  const at = (values: readonly (number | null)[], k: number) => values[values.length === 1 ? 0 : k] ?? Number.NaN;
  const difference = meanSpread(Array.from({ length: seeds }, (_, k) => at(a, k) - at(b, k)));
  if (!difference) return null;
  const own = (values: readonly (number | null)[]) =>
    values.length === 1 ? null : meanSpread(values.map((v) => v ?? Number.NaN));
  return { seeds, a: own(a), b: own(b), difference, sampled };
}

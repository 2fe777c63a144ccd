import { exmy } from "../formats/registry.ts";
import type { Definition, Quantizer, Recipe } from "../grammar/ast.ts";
import { RecipeError } from "../grammar/errors.ts";
import type { Names } from "../grammar/names.ts";
import { printBlock } from "../notation/block.ts";
import { type NotationOptions, namesOf } from "../notation/parse.ts";
import { printCall, printRecipe } from "../notation/print.ts";
import { prepareRecipe } from "../prepare/prepare.ts";
import { USUAL_ROUNDING } from "../rounding/registry.ts";
import { usualRule } from "../scales/rules/known.ts";
import { choiceAt, compose, countRecipes, type Grid, MAX_RECIPES, setsOf } from "./grid.ts";
import { NONE } from "./print.ts";

/** The parts of a recipe as notation, for filtering and for columns; what is understood is written out. */
export interface RecipeParts {
  /** Steps before the quantizer, joined by `+`; `none`. */
  steps: string;
  base: string;
  rounding: string;
  /** `none` for a direct cast, which has no rule and no scale either. */
  block: string;
  rule: string;
  scale: string;
  /** Steps after the quantizer; `none`. */
  corrections: string;
}

export interface SweepRecipe {
  /** Canonical. */
  text: string;
  parts: RecipeParts;
}

/** Combinations left out for one reason. */
export interface Skipped {
  /** A clause for the person: why these make no sense. */
  reason: string;
  count: number;
  /** One of them, written as the grid writes it. */
  example: string;
}

/** What a sweep comes to: its recipes, each once, in the order of the grid. */
export interface SweepPlan {
  recipes: SweepRecipe[];
  /** Combinations of the sets: the recipes, those that mean the same as another, and those that make no sense. */
  combinations: number;
  duplicates: number;
  skipped: Skipped[];
}

/**
 * Writes out the recipes of a sweep. Combinations that mean the same are taken once, and those that make no sense on any
 * tensor are counted with the reason. What depends on the tensor (a rotation that does not divide its rows) shows when
 * it runs.
 *
 * @throws {RecipeError} where there are more than `MAX_RECIPES` combinations, before any is made.
 */
export function expandSweep(grids: readonly Grid[], options: NotationOptions = {}): SweepPlan {
  const work = expandSteps(grids, options);
  let step = work.next();
  while (!step.done) step = work.next();
  return step.value;
}

/**
 * `expandSweep` one combination at a time, for whoever has other things to do in between.
 *
 * @throws {RecipeError} as `expandSweep`, at the first step.
 */
export function* expandSteps(
  grids: readonly Grid[],
  options: NotationOptions = {},
): Generator<undefined, SweepPlan, undefined> {
  const combinations = countRecipes(grids);
  if (combinations > MAX_RECIPES) {
    throw new RecipeError(`the grid makes ${combinations} recipes, and a sweep takes at most ${MAX_RECIPES}`);
  }
  const names = namesOf(options);
  const check = checker(options.definitions ?? []);
  const recipes = new Map<string, SweepRecipe>();
  const skipped = new Map<string, Skipped>();
  let duplicates = 0;
  const skip = (reason: string, example: string) => {
    const known = skipped.get(reason);
    if (known) known.count++;
    else skipped.set(reason, { reason, count: 1, example });
  };
  for (const grid of grids) {
    const count = countRecipes([grid]);
    for (let i = 0; i < count; i++) {
      try {
        const recipe = compose(names, choiceAt(grid, i));
        const text = printRecipe(recipe, options);
        const reason = check(recipe);
        if (reason !== null) skip(reason, text);
        else if (recipes.has(text)) duplicates++;
        else recipes.set(text, { text, parts: partsOf(names, recipe, options) });
      } catch (error) {
        if (!(error instanceof RecipeError)) throw error;
        skip(error.message, describeChoice(names, grid, i, options));
      }
      yield;
    }
  }
  return { recipes: [...recipes.values()], combinations, duplicates, skipped: [...skipped.values()] };
}

/** A matrix on which every block is whole: whether a quantizer makes sense does not depend on its size. */
const SIDE = 4096;

/** More codes than this are not listed for a check alone; with options of their own, formats of this many are too many. */
const MOST_BITS = 16;
const MOST_OWN_BITS = 12;

/** Whether a check would list so many levels that it takes as long as a run, which finds the same mistakes. */
function isWide({ base, scale }: Quantizer): boolean {
  const shape = exmy(base.name === "tf32" ? "e8m10" : base.name);
  const bits = shape ? 1 + shape.exponentBits + shape.mantissaBits : 0;
  return bits > (base.args.length > 0 ? MOST_OWN_BITS : MOST_BITS) || (scale !== null && isWide(scale));
}

/** Tells why a recipe's quantizer makes no sense, or null; each quantizer is looked at once, whatever steps it has. */
function checker(definitions: readonly Definition[]): (recipe: Recipe) => string | null {
  const known = new Map<string, string | null>();
  return ({ quantizer }) => {
    const key = JSON.stringify(quantizer);
    const before = known.get(key);
    if (before !== undefined) return before;
    let reason: string | null = null;
    try {
      if (!isWide(quantizer)) prepareRecipe({ before: [], quantizer, after: [] }, [...definitions], SIDE, SIDE);
    } catch (error) {
      if (!(error instanceof RecipeError)) throw error;
      reason = error.message;
    }
    known.set(key, reason);
    return reason;
  };
}

/** The parts of a normalized recipe. */
export function partsOf(names: Names, recipe: Recipe, options: NotationOptions = {}): RecipeParts {
  const { before, quantizer, after } = recipe;
  const { base, rounding, block, rule, scale } = quantizer;
  const steps = (calls: Recipe["before"]) => calls.map((call) => printCall(names, call)).join("+") || NONE;
  const affine = base.args.some(({ value }) => value.type === "word" && value.value === "asym");
  const stored = () => (scale ? printRecipe({ before: [], quantizer: scale, after: [] }, options) : "f32");
  return {
    steps: steps(before),
    base: printCall(names, base),
    rounding: rounding ? printCall(names, rounding) : USUAL_ROUNDING,
    block: block ? printBlock(block) : NONE,
    rule: block ? (rule ? printCall(names, rule) : usualRule(affine)) : NONE,
    scale: block ? stored() : NONE,
    corrections: steps(after),
  };
}

/** A combination that makes no recipe, as far as it can be written. */
function describeChoice(names: Names, grid: Grid, index: number, options: NotationOptions): string {
  const { base, rounding, block, rule, scale } = choiceAt(grid, index);
  const call = (symbol: string, c: typeof rule) => (c ? symbol + printCall(names, c) : "");
  const stored = scale ? `:${printRecipe({ before: [], quantizer: scale, after: [] }, options)}` : "";
  const text = printRecipe(base, options) + call("@", rounding) + (block ? `/${printBlock(block)}` : "");
  return text + call("~", rule) + stored;
}

/** Whether the grids are nothing but a list of recipes. */
export const isList = (grids: readonly Grid[]): boolean =>
  grids.every((grid) => setsOf(grid).every((set) => set.length === 1));

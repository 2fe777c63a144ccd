/**
 * A grid of recipes in one text. A set in round brackets stands in the place of a part, and the grid means every
 * combination of them:
 *
 *     int4/(16,32,64)                                     three recipes
 *     (none,rht(64,seed=1))+(int4,nf4)@(rne,away)/64      a step or none, two formats, two roundings
 *     (mxfp4,nvfp4,int4/64:f16)                           recipes and aliases as bases; what follows overrides
 *     int4/(row,128)~(absmax,mse(p=2.4)):(f32,e4m3/tensor)
 *     nf4/(32,64);mxfp4                                   several grids; a plain list is the simplest of them
 *
 * `none` leaves a part unwritten: no step, no block, or what the base supplies. A recipe never begins a part with a
 * bracket, so that every recipe is a grid of one.
 */

import type { BlockShape, Call, Quantizer, Recipe } from "../grammar/ast.ts";
import { RecipeError } from "../grammar/errors.ts";
import type { Names } from "../grammar/names.ts";
import { isPlainFloat32, normalizeTree } from "../notation/normalize.ts";
import { isUsualRule } from "../scales/rules/known.ts";

/** The most recipes that one sweep may ask for, counted before combinations that mean the same fall together. */
export const MAX_RECIPES = 4096;
/** The longest text of a sweep, in characters. */
export const MAX_SWEEP_TEXT = 65536;

/** One set for each part of a recipe; `null` is `none`, and a set of `none` alone a part that is not written. */
export interface Grid {
  /** Sets of steps before the quantizer, first to last. */
  steps: (Call | null)[][];
  /** Formats and aliases; where there are several, also with parts and steps of their own. */
  bases: Recipe[];
  roundings: (Call | null)[];
  blocks: (BlockShape | null)[];
  rules: (Call | null)[];
  scales: (Quantizer | null)[];
  /** Sets of steps after the quantizer. */
  corrections: (Call | null)[][];
}

/** One choice from each set of a grid. */
export interface Choice {
  steps: readonly (Call | null)[];
  base: Recipe;
  rounding: Call | null;
  block: BlockShape | null;
  rule: Call | null;
  scale: Quantizer | null;
  corrections: readonly (Call | null)[];
}

/** All sets of a grid in the order in which their choices are walked through, the last fastest. */
export const setsOf = (grid: Grid): readonly (readonly unknown[])[] => [
  ...grid.steps,
  grid.bases,
  grid.roundings,
  grid.blocks,
  grid.rules,
  grid.scales,
  ...grid.corrections,
];

/** How many combinations the grids make, before any falls together or is left out. */
export function countRecipes(grids: readonly Grid[]): number {
  return grids.reduce((sum, grid) => sum + setsOf(grid).reduce((product, set) => product * set.length, 1), 0);
}

/** The choice number `index` of a grid. */
export function choiceAt(grid: Grid, index: number): Choice {
  let rest = index;
  const take = <T>(set: readonly T[]): T => {
    const chosen = set[rest % set.length];
    rest = Math.floor(rest / set.length);
    return chosen;
  };
  // The last set turns fastest, so it is taken first.
  const corrections = [...grid.corrections].reverse().map(take).reverse();
  const scale = take(grid.scales);
  const rule = take(grid.rules);
  const block = take(grid.blocks);
  const rounding = take(grid.roundings);
  const base = take(grid.bases);
  const steps = [...grid.steps].reverse().map(take).reverse();
  return { steps, base, rounding, block, rule, scale, corrections };
}

/**
 * The recipe that a choice writes: parts override those of the base, as in the notation. Throws RecipeError where the
 * parts do not go together.
 */
export function compose(names: Names, choice: Choice): Recipe {
  const { base } = choice;
  const own = base.quantizer;
  const block = choice.block ?? own.block;
  let rule = choice.rule ?? own.rule;
  let scale = choice.scale ?? own.scale;
  if (!block) {
    // A direct cast beside blocks: the usual rule and storage say nothing about it.
    if (rule && isUsualRule(rule.name, true)) rule = null;
    if (scale && isPlainFloat32(scale)) scale = null;
    if (rule || scale) throw new RecipeError("without a block there is no scale, and so no rule or storage for one");
  }
  const given = (set: readonly (Call | null)[]) => set.filter((call) => call !== null);
  return normalizeTree(names, {
    before: [...given(choice.steps), ...base.before],
    quantizer: { base: own.base, rounding: choice.rounding ?? own.rounding, block, rule, scale },
    after: [...base.after, ...given(choice.corrections)],
  });
}

/** A grid that is one recipe. */
export function single(recipe: Recipe): Grid {
  return {
    steps: [],
    bases: [recipe],
    roundings: [null],
    blocks: [null],
    rules: [null],
    scales: [null],
    corrections: [],
  };
}

/** A set without repeats; normalized trees are equal where their JSON is, so that one pass finds them. */
const distinct = <T>(set: readonly T[]): T[] => [...new Map(set.map((item) => [JSON.stringify(item), item])).values()];

/** Sets without repeats, and only those that say something. */
export function tidy(grid: Grid): Grid {
  const steps = (sets: Grid["steps"]) => sets.map(distinct).filter((set) => set.some((call) => call !== null));
  return {
    steps: steps(grid.steps),
    bases: distinct(grid.bases),
    roundings: distinct(grid.roundings),
    blocks: distinct(grid.blocks),
    rules: distinct(grid.rules),
    scales: distinct(grid.scales),
    corrections: steps(grid.corrections),
  };
}

/** A grid of one as its recipe. Throws RecipeError for a grid of one that is no recipe. */
export const collapse = (names: Names, grid: Grid): Grid =>
  countRecipes([grid]) === 1 ? single(compose(names, choiceAt(grid, 0))) : grid;

/** Moves the parts of a lone base into the sets of the grid, where they stand when the grid is written. */
export function unfold(grid: Grid): Grid {
  const [{ before, quantizer: own, after }] = grid.bases;
  const over = <T>(set: (T | null)[], supplied: T | null): (T | null)[] =>
    distinct(set.map((item) => item ?? supplied));
  const bare: Quantizer = { base: own.base, rounding: null, block: null, rule: null, scale: null };
  return {
    steps: [...grid.steps, ...before.map((call) => [call])],
    bases: [{ before: [], quantizer: bare, after: [] }],
    roundings: over(grid.roundings, own.rounding),
    blocks: over(grid.blocks, own.block),
    rules: over(grid.rules, own.rule),
    scales: over(grid.scales, own.scale),
    corrections: [...after.map((call) => [call]), ...grid.corrections],
  };
}

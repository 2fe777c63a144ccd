/** Sweeps: grids of recipes, their figures without a report, and the frontier among them. */
export {
  expandSweep,
  isList,
  partsOf,
  type RecipeParts,
  type Skipped,
  type SweepPlan,
  type SweepRecipe,
} from "./expand.ts";
export { countRecipes, type Grid, MAX_RECIPES, MAX_SWEEP_TEXT } from "./grid.ts";
export { parseSweep } from "./parse.ts";
export { printSweep } from "./print.ts";

import type { Call, Recipe } from "../grammar/ast.ts";
import type { Names } from "../grammar/names.ts";
import { printBlock } from "../notation/block.ts";
import { type NotationOptions, namesOf } from "../notation/parse.ts";
import { isCall, printCall, printRecipe } from "../notation/print.ts";
import { choiceAt, compose, countRecipes, type Grid, tidy, unfold } from "./grid.ts";

/** How `none` is written: a part that the combination leaves out. */
export const NONE = "none";

/** A set as it stands in a grid: its only item alone, several in brackets. */
function printSet<T>(set: readonly (T | null)[], print: (item: T) => string): string {
  const items = set.map((item) => (item === null ? NONE : print(item)));
  return items.length === 1 ? items[0] : `(${items.join()})`;
}

/** A part after the base; one that no combination has is not written. */
const printPart = <T>(symbol: string, set: readonly (T | null)[], print: (item: T) => string): string =>
  set.length === 1 && set[0] === null ? "" : symbol + printSet(set, print);

/**
 * The grid as it is written: sets without repeats, and the parts of a lone base in the sets where they belong, since in
 * its own place there is room for a name only.
 */
export function placed(grid: Grid, options: NotationOptions): Grid {
  const clean = tidy(grid);
  return clean.bases.length === 1 && !isCall(printRecipe(clean.bases[0], options)) ? tidy(unfold(clean)) : clean;
}

function printGrid(names: Names, grid: Grid, options: NotationOptions): string {
  const recipe = (r: Recipe) => printRecipe(r, options);
  const call = (c: Call) => printCall(names, c);
  const whole = placed(tidy(grid), options);
  // Of one recipe there may be several choices, where one says what the base supplies.
  if (countRecipes([whole]) === 1) return recipe(compose(names, choiceAt(whole, 0)));
  const { steps, bases, roundings, blocks, rules, scales, corrections } = whole;
  const quantizer =
    printSet(bases, recipe) +
    printPart("@", roundings, call) +
    printPart("/", blocks, printBlock) +
    printPart("~", rules, call) +
    printPart(":", scales, (quantizer) => recipe({ before: [], quantizer, after: [] }));
  return [...steps.map((set) => printSet(set, call)), quantizer, ...corrections.map((set) => printSet(set, call))].join(
    "+",
  );
}

/**
 * Writes grids as `parseSweep` reads them back; recipes in them are canonical. Throws RecipeError for a grid of one whose
 * parts make no recipe.
 */
export function printSweep(grids: readonly Grid[], options: NotationOptions = {}): string {
  return grids.map((grid) => printGrid(namesOf(options), grid, options)).join(";");
}

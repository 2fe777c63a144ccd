/** The recipes of a grid, and what each of them needs of a tensor of a shape. */
import type { Definition, Recipe } from "../../kernels/grammar/ast.ts";
import { RecipeError } from "../../kernels/grammar/errors.ts";
import { prepareRecipe } from "../../kernels/index.ts";
import { parseDefinition, parseRecipe, printRecipe } from "../../kernels/notation/index.ts";
import { rowPeriod } from "../../kernels/plan/blocks.ts";
import { hasLayers } from "../../kernels/plan/layers.ts";
import type { Plan } from "../../kernels/plan/plan.ts";
import { UserError } from "../errors/user-error.ts";
import { takesGiven } from "../runs/given.ts";

export interface GridRecipe {
  text: string;
  recipe: Recipe;
}

export interface Grid {
  recipes: readonly GridRecipe[];
  definitions: Definition[];
  notes: string[];
}

/** `keep` is understood in every grid. */
const KEEP = "keep";

/**
 * Reads the recipes of a grid, each once. Throws RecipeError for what is no recipe, UserError for such as cannot be scored and where there
 * is none.
 */
export function readGrid(texts: readonly string[], definitionTexts: readonly string[]): Grid {
  const definitions = definitionTexts.map((text) => parseDefinition(text));
  const byText = new Map<string, GridRecipe>();
  for (const text of texts) {
    if (text === KEEP) continue;
    const recipe = parseRecipe(text, { definitions });
    if (takesGiven(recipe)) {
      throw new UserError(
        `${text} takes what another program made of one tensor: a grid is for every tensor of a model.`,
      );
    }
    const canonical = printRecipe(recipe, { definitions });
    byText.set(canonical, { text: canonical, recipe });
  }
  if (byText.size === 0) throw new UserError("A grid needs one recipe at least, such as int4/128.");
  const twice = texts.filter((text) => text !== KEEP).length - byText.size;
  const notes = twice > 0 ? [`${twice} of the recipes stood twice`] : [];
  return { recipes: [...byText.values()], definitions, notes };
}

/** How a recipe runs on a tensor. */
export type Way =
  /** Row by row, all such recipes over one reading. */
  | "rows"
  /** By itself, on the rows read: each block looks at its own values alone. */
  | "alone"
  /** By itself, on the whole matrix: its steps or codes follow from all of it. */
  | "whole";

export interface Fit {
  /** Null where the recipe does not fit; `refused` then says why. */
  plan: Plan | null;
  refused: string | null;
  way: Way;
  /** Rows that blocks span together. */
  period: number;
  /** What of the whole tensor it has to know beside its rows, in a clause; null for nothing. */
  wants: string | null;
  /** Whether least and greatest values by column tell it that. */
  byExtremes: boolean;
  /** Whole bits in all; null where they follow from values. */
  bits: number | null;
}

/** What is known of all recipes on matrices of one shape. */
export function fitsFor({ recipes, definitions }: Grid, rows: number, cols: number): Fit[] {
  return recipes.map(({ recipe }) => {
    try {
      return fitOf(prepareRecipe(recipe, definitions, rows, cols));
    } catch (error) {
      if (!(error instanceof RecipeError)) throw error;
      return { plan: null, refused: error.message, way: "rows", period: 1, wants: null, byExtremes: false, bits: null };
    }
  });
}

function fitOf(plan: Plan): Fit {
  const way = wayOf(plan);
  const { period, wants } = reachOf(plan);
  const plain =
    plan.transforms.length === 0 &&
    !plan.wholeBlocks &&
    !plan.codec &&
    plan.levels.every(({ offset, rule }) => offset === "none" && rule.finding.kind === "extent") &&
    (!plan.element.affine || plan.levels.length === 1);
  return {
    ...{ plan, refused: null, way, period, wants: way === "whole" ? null : wants },
    byExtremes: plain,
    bits: way === "whole" ? null : bitsOf(plan),
  };
}

/** Everything that would be stored, in bits: a plan's parts are whole bits over its elements. */
export function bitsOf({ bits, rows, cols }: Pick<Plan, "bits" | "rows" | "cols">): number {
  return bits.reduce((sum, { bitsPerWeight }) => sum + Math.round(bitsPerWeight * rows * cols), 0);
}

function wayOf(plan: Plan): Way {
  if (!hasLayers(plan)) return "rows";
  const fitted = plan.steps.some(({ needs }) => needs.reach === "matrix");
  const finding = plan.levels[0]?.rule.finding.kind;
  return plan.code || plan.module !== undefined || fitted || finding === "fit" ? "whole" : "alone";
}

/** Rows that blocks of all levels span together; what spans all of them is a statistic of the whole tensor. */
function reachOf(plan: Plan): { period: number; wants: string | null } {
  const { levels, rows, cols } = plan;
  let period = 1;
  let wants: string | null = null;
  /** Rows that a block of the level inside spans; for flat ones their values. */
  let inner = 1;
  const flat = levels[0]?.grid.flat > 0;
  for (const [depth, { grid, offset }] of levels.entries()) {
    if (offset === "mean") wants ??= "the mean of all scales";
    if (flat) inner *= grid.flat || grid.blockCols;
    else inner *= grid.flat ? rowPeriod(grid) : grid.blockRows;
    const span = flat ? inner / gcd(inner, cols) : inner;
    if (rows === 1 || span < rows) period = lcm(period, Math.min(span, rows));
    else if (grid.kind === "col") wants ??= "scales of whole columns";
    else wants ??= `a ${depth === 0 ? "scale" : "scale of scales"} of the whole tensor`;
  }
  return { period, wants };
}

const gcd = (a: number, b: number): number => (b === 0 ? a : gcd(b, a % b));
const lcm = (a: number, b: number): number => (a / gcd(a, b)) * b;

/** Rows that have to be read together for all recipes that stream. */
export function periodOf(fits: readonly Fit[], rows: number): number {
  let period = 1;
  for (const fit of fits) if (fit.plan && fit.way !== "whole") period = Math.min(rows, lcm(period, fit.period));
  return period;
}

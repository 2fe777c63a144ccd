import type { Definition, Recipe } from "../grammar/ast.ts";
import { RecipeError } from "../grammar/errors.ts";
import { planStep } from "./steps.ts";

/** A recipe that is left of another where some of its steps do not fit a matrix. */
export interface Fitted {
  recipe: Recipe;
  /** Why each step that is missing does not fit, in clauses for the person. */
  reason: string;
}

/**
 * The recipe without those steps before its quantizer that do not fit rows of `cols` values, such as a rotation that does
 * not divide them; null where all fit. Random signs are drawn by a step's place in the recipe, so that those of the steps
 * that stay are the ones of the recipe that is written without the others.
 */
export function withoutMisfits(recipe: Recipe, definitions: Definition[], cols: number): Fitted | null {
  const reasons: string[] = [];
  const before = recipe.before.filter((_, i) => {
    try {
      planStep(recipe, { side: "before", index: i }, 1, cols, definitions);
      return true;
    } catch (error) {
      if (!(error instanceof RecipeError)) throw error;
      reasons.push(error.message);
      return false;
    }
  });
  return reasons.length === 0 ? null : { recipe: { ...recipe, before }, reason: reasons.join("; ") };
}

/** Which recipe each tensor of a source gets. */
import type { Definition, Recipe } from "../../kernels/grammar/ast.ts";
import {
  type ModelRule,
  matchRule,
  parseModelRecipe,
  parseRecipe,
  printModelRecipe,
  printRecipe,
} from "../../kernels/notation/index.ts";

export interface Rules {
  /** Canonical. */
  text: string;
  /** Whether tensors may get different recipes. */
  many: boolean;
  /** `null` for a tensor that stays as it is stored: no rule names it, or one that says so. */
  recipeOf(tensor: string): Recipe | null;
}

/** Reads a recipe, which is for all tensors, or a model recipe. Throws RecipeError with the column. */
export function readRules(text: string, definitions: readonly Definition[]): Rules {
  const options = { definitions };
  if (!isModelRecipe(text)) {
    const recipe = parseRecipe(text, options);
    return { text: printRecipe(recipe, options), many: false, recipeOf: () => recipe };
  }
  const rules: ModelRule[] = parseModelRecipe(text, options);
  return {
    text: printModelRecipe(rules, options),
    many: true,
    recipeOf: (tensor) => matchRule(rules, tensor)?.recipe ?? null,
  };
}

/** In a recipe `=` stands inside parentheses only. */
const isModelRecipe = (text: string): boolean => /^[^(]*=/.test(text);

/** Whether a recipe leaves values as they are. */
export function isIdentity({ before, quantizer, after }: Recipe): boolean {
  const { base, block } = quantizer;
  return before.length + after.length === 0 && base.name === "f32" && block === null;
}

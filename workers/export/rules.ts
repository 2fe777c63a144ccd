/** Which recipe each tensor of a source gets. */
import type { Definition, Recipe } from "../../kernels/grammar/ast.ts";
import {
  parseModelRecipe,
  parseRecipe,
  printModelRecipe,
  printRecipe,
  ruleFinder,
} from "../../kernels/notation/index.ts";
import type { FloatDtype } from "./floats.ts";

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
  const rules = parseModelRecipe(text, options);
  const find = ruleFinder(rules);
  return {
    text: printModelRecipe(rules, options),
    many: true,
    recipeOf: (tensor) => find(tensor)?.recipe ?? null,
  };
}

/** In a recipe `=` stands inside parentheses only. */
const isModelRecipe = (text: string): boolean => /^[^(]*=/.test(text);

/** Whether a recipe leaves values as they are. */
export function isIdentity({ before, quantizer, after }: Recipe): boolean {
  const { base, block } = quantizer;
  return before.length + after.length === 0 && base.name === "f32" && block === null;
}

const CASTS: Readonly<Record<string, FloatDtype>> = { f16: "F16", bf16: "BF16" };

/** The type that holds what a recipe gives, where it is a cast to half precision and nothing else; null for others. */
export function castOf({ before, quantizer, after }: Recipe): FloatDtype | null {
  const { base, block, rounding } = quantizer;
  const plain = before.length + after.length + base.args.length === 0 && block === null && rounding === null;
  return plain ? (CASTS[base.name] ?? null) : null;
}

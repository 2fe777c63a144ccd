/** A model recipe over the tensors of a model, as exports take it. */
import type { Definition, Recipe } from "../../kernels/grammar/ast.ts";
import { KEEP, parseModelRecipe, printRecipe, ruleFinder } from "../../kernels/notation/index.ts";
import type { MixModel, MixSource } from "./types.ts";

export interface AssignedTensor {
  source: MixSource;
  /** Canonical, or "keep". */
  text: string;
  /** Null for `keep`, and for float32 itself, which keeps values as they are. */
  recipe: Recipe | null;
}

export interface Assignment {
  model: MixModel;
  definitions: Definition[];
  /** One for each tensor of the model, in its order. */
  tensors: AssignedTensor[];
}

/**
 * What the rules give each tensor. A single recipe is for all weights of linear layers but the head, as when a model is run.
 *
 * @throws {RecipeError} for rules that cannot be read.
 */
export function assignmentOf(model: MixModel, rules: string, definitions: readonly Definition[] = []): Assignment {
  const options = { definitions: [...definitions] };
  const text = rules.trim();
  const many = /^[^(]*=/.test(text);
  const parsed = text === "" ? [] : parseModelRecipe(many ? text : `*=${text}`, options);
  const find = ruleFinder(parsed);
  const printed = new Map<Recipe, string>();
  const print = (recipe: Recipe) => {
    const known = printed.get(recipe) ?? printRecipe(recipe, options);
    printed.set(recipe, known);
    return known;
  };
  const tensors = model.tensors.map((source): AssignedTensor => {
    const named = many || (source.linear && source.role !== "head");
    // Vectors have no rows to quantize: files and runs of whole models leave them alone.
    const recipe = named && source.shape.length >= 2 ? (find(source.name)?.recipe ?? null) : null;
    const own = recipe ? print(recipe) : KEEP;
    return own === "f32" ? { source, text: KEEP, recipe: null } : { source, text: own, recipe };
  });
  return { model, definitions: options.definitions, tensors };
}

import type { ActivationsRecipe } from "../../kernels/backends/options.ts";
import type { Definition } from "../../kernels/grammar/ast.ts";
import { RecipeError } from "../../kernels/grammar/errors.ts";
import { parseRecipe, printRecipe } from "../../kernels/notation/index.ts";

/**
 * Reads how activations are quantized: a recipe for tokens x inputs, with a word before it that says when its scales are found:
 * `int4/row` or `dynamic int4/row`, `static int8/tensor`. Throws RecipeError.
 */
export function parseActivations(text: string, definitions: Definition[] = []): ActivationsRecipe {
  const [, word, rest] = /^\s*(?:(\S+)\s+)?(\S.*?)\s*$/s.exec(text) ?? [];
  if (rest === undefined) throw new RecipeError("a recipe for activations is missing: int8/row, for example");
  const scales = word ?? "dynamic";
  if (scales !== "static" && scales !== "dynamic") {
    throw new RecipeError(
      `before a recipe for activations stands when its scales are found, static or dynamic, not "${word}"`,
    );
  }
  return { recipe: parseRecipe(rest, { definitions }), definitions, scales };
}

/** The text that it is known by: the word only where it is not dynamic. */
export const activationsText = ({ recipe, definitions, scales }: ActivationsRecipe): string =>
  `${scales === "static" ? "static " : ""}${printRecipe(recipe, { definitions })}`;

/** A recipe's text read once, with its mistake in the place of a tree where it has one. */
import { RecipeError } from "../../kernels/errors.ts";
import { type Definition, parseRecipe, type Recipe } from "../../kernels/notation/index.ts";
import { messageOf } from "../state/notices.ts";

export interface Mistake {
  message: string;
  /** Counted from 1; null where it is not known. */
  column: number | null;
}

export type Parsed = { recipe: Recipe; mistake: null } | { recipe: null; mistake: Mistake };

export function parse(text: string, definitions: readonly Definition[]): Parsed {
  try {
    return { recipe: parseRecipe(text, { definitions }), mistake: null };
  } catch (error) {
    const column = error instanceof RecipeError ? error.column : null;
    return { recipe: null, mistake: { message: messageOf(error), column } };
  }
}

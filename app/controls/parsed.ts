/** A recipe's text read once, with its mistake in the place of a tree where it has one. */

import type { Definition, Recipe } from "../../kernels/grammar/ast.ts";
import { RecipeError, type Remedy } from "../../kernels/grammar/errors.ts";
import { parseRecipe } from "../../kernels/notation/index.ts";
import { messageOf } from "../state/notices.ts";

export interface Mistake {
  message: string;
  /** Counted from 1; null where it is not known. */
  column: number | null;
  /** What the message names as ways out. */
  remedies?: readonly Remedy[];
}

export type Parsed = { recipe: Recipe; mistake: null } | { recipe: null; mistake: Mistake };

export function parse(text: string, definitions: readonly Definition[]): Parsed {
  try {
    return { recipe: parseRecipe(text, { definitions }), mistake: null };
  } catch (error) {
    const { column, remedies } = error instanceof RecipeError ? error : { column: null, remedies: [] };
    return { recipe: null, mistake: { message: messageOf(error), column, remedies } };
  }
}

import { RecipeError } from "../../kernels/errors.ts";

/** A failure as the one line that a person reads: a recipe's mistake with its column. */
export function oneLine(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  const where = error instanceof RecipeError && error.column !== null ? `recipe, column ${error.column}: ` : "";
  return (where + message).replace(/\s*\n\s*/g, " ");
}

/** A recipe or a tensor that makes no sense, in one sentence that a person can act on. */
export class RecipeError extends Error {
  override name = "RecipeError";
  /** Where in the recipe's text, counted from 1, if that is known. */
  column: number | null;
  constructor(message: string, column: number | null = null) {
    super(message);
    this.column = column;
  }
}

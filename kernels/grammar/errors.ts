/** A way out that a message names, as something that can be done. */
export interface Remedy {
  /** What is done, in a few words: `use 32`. */
  label: string;
  /** The whole text in which the mistake stands, mended; another mistake may be left in it. */
  recipe: string;
}

/** A recipe or a tensor that makes no sense, in one sentence that a person can act on. */
export class RecipeError extends Error {
  override name = "RecipeError";
  /** Where in the recipe's text, counted from 1, if that is known. */
  column: number | null;
  /** What the message names as a way out, the likeliest first; empty where it names none. */
  remedies: readonly Remedy[];
  constructor(message: string, column: number | null = null, remedies: readonly Remedy[] = []) {
    super(message);
    this.column = column;
    this.remedies = remedies;
  }
}

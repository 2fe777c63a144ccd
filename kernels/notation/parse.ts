import type { Call, Definition, Recipe } from "../grammar/ast.ts";
import { RecipeError } from "../grammar/errors.ts";
import { Names } from "../grammar/names.ts";
import type { Role, Vocabulary } from "../grammar/signature.ts";
import { Cursor } from "./lex.ts";
import { MAX_TEXT } from "./limits.ts";
import { normalizeTree } from "./normalize.ts";
import { type Expand, type Expected, Parser } from "./parser.ts";
import { vocabulary } from "./vocabulary.ts";

/** What names mean: the registered ones, unless a test brings its own, and those a link or a file defined. */
export interface NotationOptions {
  definitions?: readonly Definition[];
  vocabulary?: Vocabulary;
}

export const namesOf = ({ definitions, vocabulary: v = vocabulary }: NotationOptions): Names =>
  new Names(v, definitions);

/** Trees of aliases by vocabulary and name; null while one is being read, which a circle of aliases would meet. */
const expanded = new WeakMap<Vocabulary, Map<string, Recipe | null>>();

/** The tree of an alias. Aliases may use aliases, but not definitions. */
export const expandAlias: Expand = (names, alias) => {
  const { vocabulary } = names;
  const known = expanded.get(vocabulary) ?? new Map<string, Recipe | null>();
  expanded.set(vocabulary, known);
  const cached = known.get(alias);
  if (cached) return cached;
  if (cached === null) throw new RecipeError(`the alias "${alias}" is written in terms of itself`);
  const { text } = vocabulary.aliases.find((a) => a.name === alias)!;
  known.set(alias, null);
  try {
    const recipe = new Parser(new Cursor(text), new Names(vocabulary), expandAlias).whole();
    known.set(alias, recipe);
    return recipe;
  } catch (error) {
    // A column in the alias's text says nothing about the text that uses it.
    if (error instanceof RecipeError) throw new RecipeError(`the alias "${alias}" cannot be read: ${error.message}`);
    throw error;
  } finally {
    if (known.get(alias) === null) known.delete(alias);
  }
};

/**
 * Reads the recipe in [start, end) of a text; columns in errors count from the start of the whole text. `role` is null for
 * what is only a part of recipes: see `Parser.whole`.
 */
export function parseRange(
  text: string,
  start: number,
  end: number,
  names: Names,
  expect?: (expected: Expected) => void,
  role: Role | null = "element",
): Recipe {
  const cursor = new Cursor(text, start, end);
  if (end - start > MAX_TEXT) {
    cursor.fail(`a recipe has at most ${MAX_TEXT} characters, and this has ${end - start}`, start + MAX_TEXT);
  }
  return new Parser(cursor, names, expandAlias, expect).whole(role);
}

/** Reads a rounding, a scale rule or a step, normalized, in [start, end) of a text. Throws `RecipeError`. */
export function parsePart(
  kind: "rounding" | "rule" | "step",
  text: string,
  start: number,
  end: number,
  names: Names,
): Call {
  return new Parser(new Cursor(text, start, end), names, expandAlias).part(kind);
}

/**
 * Reads a recipe. The tree is expanded (aliases and definitions are replaced by what they stand for) and normalized,
 * so that two texts mean the same experiment exactly when their trees are deeply equal.
 *
 * @throws {RecipeError} with the column, counted from 1 in UTF-16 code units, and what was expected there.
 */
export function parseRecipe(text: string, options: NotationOptions = {}): Recipe {
  return parseRange(text, 0, text.length, namesOf(options));
}

/** Reads a base or a scale that a grid puts into recipes: see `Parser.whole`. Throws `RecipeError` as `parseRecipe` does. */
export function parseGridItem(text: string, options: NotationOptions = {}): Recipe {
  return parseRange(text, 0, text.length, namesOf(options), undefined, null);
}

/**
 * The tree that the parser gives for a tree's meaning: defaults dropped (`@rne`, `~absmax`, a plain `:f32`, arguments
 * that equal their default), seeds and other `always` arguments filled in, arguments in the order of their signature,
 * a tile of one row turned into a run. For trees that were not parsed, such as those made by controls.
 *
 * @throws {RecipeError} without a column where a name or an argument does not fit the registries.
 */
export function normalizeRecipe(recipe: Recipe, options: NotationOptions = {}): Recipe {
  return normalizeTree(namesOf(options), recipe);
}

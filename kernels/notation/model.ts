import type { Recipe } from "../grammar/ast.ts";
import { RecipeError } from "../grammar/errors.ts";
import { Cursor, legalInFragment } from "./lex.ts";
import { MAX_MODEL_TEXT } from "./limits.ts";
import { type NotationOptions, namesOf, parseRange } from "./parse.ts";
import { printRecipe } from "./print.ts";

/** In the place of a recipe: the tensor as it is stored, at its stored bits. */
export const KEEP = "keep";

/** What the tensors whose names match `pattern` are quantized with. */
export interface ModelRule {
  /** `*` stands for any characters (dots and slashes too), `?` for any one; the rest for itself. */
  pattern: string;
  /** Null for `keep`. */
  recipe: Recipe | null;
}

const EXPECTED = "expected pattern=recipe, such as *=int4/64";

/** `;` and `=` part rules; brackets and commas are kept out so that a recipe without a pattern is not taken for one. */
const isPattern = (text: string) => text !== "" && legalInFragment(text) && !/[;=(),]/.test(text);

/**
 * Reads the rules of a model recipe, `pattern=recipe` separated by `;`, with any white space around a rule. The first rule that matches a
 * tensor wins.
 *
 * @throws {RecipeError} with the column in the whole text, counted from 1.
 */
export function parseModelRecipe(text: string, options: NotationOptions = {}): ModelRule[] {
  const names = namesOf(options);
  const whole: Cursor = new Cursor(text);
  if (text.length > MAX_MODEL_TEXT) {
    whole.fail(`a model recipe has at most ${MAX_MODEL_TEXT} characters, and this has ${text.length}`, MAX_MODEL_TEXT);
  }
  const rules: ModelRule[] = [];
  for (let start = 0, end = 0; start <= text.length; start = end + 1) {
    const semicolon = text.indexOf(";", start);
    end = semicolon < 0 ? text.length : semicolon;
    // Files have a rule a line.
    const rule = text.slice(start, end);
    const first = start + (rule.length - rule.trimStart().length);
    const last = Math.max(first, end - (rule.length - rule.trimEnd().length));
    const equals = text.slice(first, last).indexOf("=");
    const pattern = text.slice(first, first + Math.max(0, equals));
    if (!isPattern(pattern)) whole.fail(EXPECTED, first);
    const from = first + equals + 1;
    rules.push({ pattern, recipe: text.slice(from, last) === KEEP ? null : parseRange(text, from, last, names) });
  }
  return rules;
}

/** Writes rules as `parseModelRecipe` reads them, their recipes canonical. */
export function printModelRecipe(rules: readonly ModelRule[], options: NotationOptions = {}): string {
  return rules
    .map(({ pattern, recipe }) => {
      if (!isPattern(pattern)) throw new RecipeError(`"${pattern}" cannot be a pattern of a model recipe`);
      return `${pattern}=${recipe ? printRecipe(recipe, options) : KEEP}`;
    })
    .join(";");
}

/** The first rule whose pattern matches the whole of a tensor's name; null where none does. */
export function matchRule(rules: readonly ModelRule[], tensorName: string): ModelRule | null {
  return rules.find((rule) => matchesPattern(rule.pattern, tensorName)) ?? null;
}

/** The same as `matchRule` for many names: most rules are told by what their patterns begin and end with. */
export function ruleFinder(rules: readonly ModelRule[]): (tensorName: string) => ModelRule | null {
  const known = rules.map((rule) => ({
    rule,
    head: /^[^*?]*/.exec(rule.pattern)![0],
    tail: /[^*?]*$/.exec(rule.pattern)![0],
  }));
  return (name) => {
    for (const { rule, head, tail } of known)
      if (name.endsWith(tail) && name.startsWith(head) && matchesPattern(rule.pattern, name)) return rule;
    return null;
  };
}

/**
 * Greedy matching that goes back only to the last star: a later star can take over whatever an earlier one could have
 * taken. At most pattern x name comparisons, where a regular expression could need exponentially many.
 */
export function matchesPattern(pattern: string, name: string): boolean {
  let p = 0;
  let n = 0;
  let star = -1;
  let resume = 0;
  while (n < name.length) {
    if (pattern[p] === "*") {
      star = p++;
      resume = n;
    } else if (p < pattern.length && (pattern[p] === "?" || pattern[p] === name[n])) {
      p++;
      n++;
    } else if (star >= 0) {
      p = star + 1;
      n = ++resume;
    } else {
      return false;
    }
  }
  while (pattern[p] === "*") p++;
  return p === pattern.length;
}

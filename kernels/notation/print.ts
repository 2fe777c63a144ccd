import type { Arg, Call, Quantizer, Recipe, Value } from "../grammar/ast.ts";
import { type Bound, bindCall, defaultValue, sameValues, toArgs } from "../grammar/bind.ts";
import type { Names } from "../grammar/names.ts";
import { printNumber } from "../grammar/number.ts";
import type { Entry } from "../grammar/signature.ts";
import { USUAL_ROUNDING } from "../rounding/registry.ts";
import { usualRule } from "../scales/rules/known.ts";
import { printBlock } from "./block.ts";
import { normalizeTree } from "./normalize.ts";
import { expandAlias, type NotationOptions, namesOf, parseRecipe } from "./parse.ts";

/**
 * Writes a recipe in its canonical form: the shortest spelling, aliases and definitions included, without defaults.
 * An alias that brings scales is printed only where the recipe has those scales.
 * Of spellings equally short the one without an alias is taken, then the alias registered first.
 * `parseRecipe` reads it back to the same tree.
 *
 * @throws {RecipeError} without a column where the tree does not fit the registries.
 */
export function printRecipe(recipe: Recipe, options: NotationOptions = {}): string {
  const names = namesOf(options);
  return print(names, normalizeTree(names, recipe));
}

/** The canonical spelling of a recipe's text. Throws `RecipeError` as `parseRecipe` does. */
export function canonical(text: string, options: NotationOptions = {}): string {
  return printRecipe(parseRecipe(text, options), options);
}

function print(names: Names, recipe: Recipe): string {
  const { before, quantizer, after } = recipe;
  const join = (first: Call[], main: string, last: Call[]) =>
    [...first.map((s) => printCall(names, s)), main, ...last.map((s) => printCall(names, s))].join("+");
  const spellings = names.vocabulary.aliases.flatMap(({ name, exact }) => {
    const alias = expandAlias(names, name);
    const first = before.length - alias.before.length;
    const last = alias.after.length;
    if (!sameValues(before.slice(Math.max(0, first)), alias.before)) return [];
    if (!sameValues(after.slice(0, last), alias.after)) return [];
    const text = printOver(names, name, alias.quantizer, quantizer);
    return text === null || (exact && text !== name) ? [] : [join(before.slice(0, first), text, after.slice(last))];
  });
  return shortest([join(before, printQuantizer(names, quantizer), after), ...spellings]);
}

const shortest = (texts: string[]): string => texts.reduce((best, t) => (t.length < best.length ? t : best));

/** A quantizer alone, as it stands in a scale: aliases that hold steps are of no use here. */
function printQuantizer(names: Names, q: Quantizer): string {
  const plain: Quantizer = { base: q.base, rounding: null, block: null, rule: null, scale: null };
  const definitions = names.definitions.map((d) => printOver(names, d.name, { ...plain, base: d.base }, q));
  const aliases = names.vocabulary.aliases.map(({ name, exact }) => {
    const alias = expandAlias(names, name);
    if (alias.before.length + alias.after.length > 0) return null;
    const text = printOver(names, name, alias.quantizer, q);
    return exact && text !== name ? null : text;
  });
  const parts = printParts(names, plain, q);
  return shortest([...definitions, printCall(names, q.base) + parts, ...aliases].filter((t) => t !== null));
}

/** `q` as a name that supplies `given` with what must be overridden after it; null where that cannot be written. */
function printOver(names: Names, name: string, given: Quantizer, q: Quantizer): string | null {
  if (given.base.name !== q.base.name) return null;
  // With other scales it would be that name no longer: NVFP4 is its E4M3 scales.
  if (given.scale && !sameValues(given.scale, q.scale)) return null;
  const entry = names.entry("format", q.base.name)!;
  const args = argsOver(entry, given.base, q.base);
  const parts = printParts(names, given, q);
  return args === null || parts === null ? null : name + printArgs(names, args) + parts;
}

/** The arguments that turn the call `given` into `call`; null where one of `given` cannot be taken back. */
function argsOver(entry: Entry, given: Call, call: Call): Arg[] | null {
  const [from, to] = [bindCall(given, entry), bindCall(call, entry)];
  const changed: Bound = new Map();
  for (const p of entry.params) {
    const [was, is] = [from.get(p.key), to.get(p.key)];
    if (sameValues(was, is)) continue;
    const usual = defaultValue(p);
    if (!is && !usual) return null;
    changed.set(p.key, is ?? [usual!]);
  }
  return toArgs(changed, entry);
}

/** The parts of `q` after its base that differ from those of `given`; null where one cannot be taken back. */
function printParts(names: Names, given: Quantizer, q: Quantizer): string | null {
  let text = "";
  if (!sameValues(given.rounding, q.rounding)) text += `@${q.rounding ? printCall(names, q.rounding) : USUAL_ROUNDING}`;
  if (!sameValues(given.block, q.block)) {
    if (!q.block) return null;
    text += `/${printBlock(q.block)}`;
  }
  if (!sameValues(given.rule, q.rule)) text += `~${q.rule ? printCall(names, q.rule) : usualRule(false)}`;
  if (!sameValues(given.scale, q.scale)) text += `:${q.scale ? printQuantizer(names, q.scale) : "f32"}`;
  return text;
}

/** A call whose arguments are normalized. */
export const printCall = (names: Names, call: Call): string => call.name + printArgs(names, call.args);

function printArgs(names: Names, args: Arg[]): string {
  if (args.length === 0) return "";
  return `(${args.map((a) => (a.key === null ? "" : `${a.key}=`) + printValue(names, a.value)).join(",")})`;
}

function printValue(names: Names, value: Value): string {
  switch (value.type) {
    case "number":
      return printNumber(value.value);
    case "word":
      return value.value;
    case "call":
      return printCall(names, value.call);
    case "recipe": {
      const text = print(names, value.recipe);
      return isCall(text) ? text : `(${text})`;
    }
  }
}

/** Whether a recipe's text is a name with arguments and nothing else, so that it needs no brackets as a value. */
export function isCall(text: string): boolean {
  let depth = 0;
  for (const char of text) {
    if (char === "(") depth++;
    else if (char === ")") depth--;
    else if (depth === 0 && "+@/~:".includes(char)) return false;
  }
  return true;
}

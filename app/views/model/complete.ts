/** What may stand at the cursor in the text of a model recipe: patterns of the model's own names, then recipes. */
import type { Definition } from "../../../kernels/grammar/ast.ts";
import { type Completion, type CompletionOption, complete, KEEP } from "../../../kernels/notation/index.ts";
import type { NetworkPart } from "./parts.ts";

const count = (n: number): string => (n === 1 ? "1 weight" : `${n} weights`);

/** Patterns that people would write for these weights, with how many they name: all, a role, a layer. */
export function patternsOf(weights: readonly Pick<NetworkPart, "name" | "layer" | "role">[]): CompletionOption[] {
  const found = new Map<string, number>();
  const add = (pattern: string) => found.set(pattern, (found.get(pattern) ?? 0) + 1);
  for (const { name } of weights) add(name.replace(/(^|[./])\d+(?=[./])/g, "$1*"));
  for (const { name, layer } of weights) {
    const at = layer === "ends" ? null : new RegExp(`^(.*?[./])${layer}(?=[./])`).exec(name);
    if (at) add(`${at[1]}${layer}.*`);
  }
  const all: [string, number][] = [["*", weights.length], ...found];
  return all.map(([text, n]) => ({ text, describe: count(n), kind: "word" }));
}

/**
 * @param patterns what patterns are offered (`patternsOf`)
 * @param words that may stand before a recipe, as "static" for activations
 */
export function completeRules(
  text: string,
  cursor: number,
  patterns: readonly CompletionOption[],
  definitions: readonly Definition[],
  words: readonly string[] = [],
): Completion {
  const start = text.lastIndexOf(";", cursor - 1) + 1;
  const before = text.slice(start, cursor);
  const equals = before.indexOf("=");
  // A recipe alone is for all layers.
  const alone =
    equals < 0 && start === 0 && !/[;=]/.test(text.slice(cursor)) ? complete(text, cursor, definitions) : null;
  if (equals < 0) {
    const rest = /^[^;=]*/.exec(text.slice(cursor))?.[0].length ?? 0;
    const ends = text[cursor + rest] === "=";
    const typed = before.replaceAll("*", "").toLowerCase();
    const options = patterns
      .filter((one) => one.text.toLowerCase().includes(typed))
      .map((one) => ({ ...one, text: ends ? one.text : `${one.text}=` }));
    // Names of formats and steps begin a word; patterns have dots and stars.
    if (alone && alone.options.length > 0 && (alone.from > 0 || !typed.includes("."))) {
      const more = alone.from === 0 ? options.filter((one) => before === "" || one.text.startsWith(before)) : [];
      return { ...alone, options: [...alone.options, ...more] };
    }
    return { from: start, to: cursor + rest, options, hint: options.length > 0 ? null : "a pattern, as *proj*, and =" };
  }
  const head = before.slice(equals + 1);
  const word = words.find((one) => head.startsWith(`${one} `));
  const from = start + equals + 1 + (word ? word.length + 1 : 0);
  const end = text.indexOf(";", cursor);
  const recipe = text.slice(from, end < 0 ? text.length : end);
  const inner = complete(recipe, cursor - from, definitions);
  const typed = recipe.slice(0, cursor - from);
  const extra = (word ? [] : [KEEP, ...words.map((one) => `${one} `)])
    .filter((one) => one.startsWith(typed))
    .map((one): CompletionOption => {
      const describe =
        one === KEEP ? "as it is stored" : one.trim() === "static" ? "one scale that stays" : "as tokens come";
      return { text: one, describe, kind: "word" };
    });
  return {
    ...inner,
    from: from + inner.from,
    to: from + inner.to,
    options: inner.from === 0 ? [...extra, ...inner.options] : inner.options,
  };
}

import { vocabulary } from "../notation/vocabulary.ts";
import type { Arg, Call, Recipe } from "./ast.ts";
import { bindCall } from "./bind.ts";
import { Names } from "./names.ts";
import type { Entry } from "./signature.ts";

function entryOf(call: Call): Entry | undefined {
  const names = new Names(vocabulary);
  const kind = names.kind(call.name);
  return kind ? names.entry(kind, call.name) : undefined;
}

/**
 * The argument of a call for the parameter `key`, whether the tree holds it with its key or without; null where it was
 * left out. Of an open list of numbers this is the first.
 *
 * @throws {RecipeError} where the call does not fit its signature.
 */
export function argOf(call: Call, key: string): Arg | null {
  const entry = entryOf(call);
  if (!entry) return call.args.find((a) => a.key === key) ?? null;
  const value = bindCall(call, entry).get(key)?.[0];
  return value ? { key, value } : null;
}

/** A number given for `key`; null where it was left out, or where a word stands in its place. */
export function numberArg(call: Call, key: string): number | null {
  const value = argOf(call, key)?.value;
  return value?.type === "number" ? value.value : null;
}

/** A word given for `key`; null where it was left out, or where a number stands in its place. */
export function wordArg(call: Call, key: string): string | null {
  const value = argOf(call, key)?.value;
  return value?.type === "word" ? value.value : null;
}

/** A recipe given for `key`, such as how a zero point is stored; null where there is none. */
export function recipeArg(call: Call, key: string): Recipe | null {
  const value = argOf(call, key)?.value;
  return value?.type === "recipe" ? value.recipe : null;
}

/** All numbers of an open list, such as the levels of a codebook. */
export function numberList(call: Call, key: string): number[] {
  const entry = entryOf(call);
  const values = entry ? (bindCall(call, entry).get(key) ?? []) : [];
  return values.flatMap((v) => (v.type === "number" ? [v.value] : []));
}

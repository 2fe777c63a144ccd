import type { Arg, Call, Recipe } from "./ast.ts";
import { bindCall } from "./bind.ts";
import type { Entry } from "./signature.ts";

/** The arguments of a call by the keys of its parameters, whether the tree holds them with their keys or without. */
export interface Args {
  /** Null where it was left out. Of an open list of numbers this is the first. */
  get(key: string): Arg | null;
  /** A number; null where it was left out, or where a word stands in its place. */
  number(key: string): number | null;
  /** A word; null where it was left out, or where a number stands in its place. */
  word(key: string): string | null;
  /** A recipe, such as how a zero point is stored; null where there is none. */
  recipe(key: string): Recipe | null;
  /** All recipes of an open list. */
  recipes(key: string): Recipe[];
  /** All numbers of an open list, such as the levels of a codebook. */
  numbers(key: string): number[];
}

/**
 * Reads the arguments of a call by its signature. Each folder that registers names gives the signature of its own
 * (`formatArgs`, `roundingArgs`, ...). Without a signature, for a name that nobody registered, only what stands with its key is found.
 *
 * @throws {RecipeError} where the call does not fit its signature.
 */
export function argsOf(call: Call, entry: Entry | undefined): Args {
  const bound = entry && bindCall(call, entry);
  const get = (key: string): Arg | null => {
    if (!bound) return call.args.find((a) => a.key === key) ?? null;
    const value = bound.get(key)?.[0];
    return value ? { key, value } : null;
  };
  return {
    get,
    number(key) {
      const value = get(key)?.value;
      return value?.type === "number" ? value.value : null;
    },
    word(key) {
      const value = get(key)?.value;
      return value?.type === "word" ? value.value : null;
    },
    recipe(key) {
      const value = get(key)?.value;
      return value?.type === "recipe" ? value.recipe : null;
    },
    recipes: (key) => (bound?.get(key) ?? []).flatMap((v) => (v.type === "recipe" ? [v.recipe] : [])),
    numbers: (key) => (bound?.get(key) ?? []).flatMap((v) => (v.type === "number" ? [v.value] : [])),
  };
}

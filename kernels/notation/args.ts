/**
 * Arguments of a call of any kind, for those who show recipes: its name says which signature it has. What reads the calls of
 * one kind alone takes the reader of that kind (`formatArgs`, `ruleArgs`, ...), which need no vocabulary.
 */
import { type Args, argsOf } from "../grammar/args.ts";
import type { Arg, Call, Recipe } from "../grammar/ast.ts";
import { Names } from "../grammar/names.ts";
import { vocabulary } from "./vocabulary.ts";

const names = new Names(vocabulary);

function read(call: Call): Args {
  const kind = names.kind(call.name);
  return argsOf(call, kind ? names.entry(kind, call.name) : undefined);
}

/**
 * The argument of a call for the parameter `key`, whether the tree holds it with its key or without; null where it was
 * left out. Of an open list of numbers this is the first.
 *
 * @throws {RecipeError} where the call does not fit its signature.
 */
export const argOf = (call: Call, key: string): Arg | null => read(call).get(key);

/** A number given for `key`; null where it was left out, or where a word stands in its place. */
export const numberArg = (call: Call, key: string): number | null => read(call).number(key);

/** A word given for `key`; null where it was left out, or where a number stands in its place. */
export const wordArg = (call: Call, key: string): string | null => read(call).word(key);

/** A recipe given for `key`, such as how a zero point is stored; null where there is none. */
export const recipeArg = (call: Call, key: string): Recipe | null => read(call).recipe(key);

/** All numbers of an open list, such as the levels of a codebook. */
export const numberList = (call: Call, key: string): number[] => read(call).numbers(key);

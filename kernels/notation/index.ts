/**
 * The notation of recipes: one text for links, legends, the command line, tables and tests. `parser.ts` has the
 * grammar, `signature.ts` says what registered names take, `ast.ts` is the tree.
 */
export { argOf, numberArg, numberList, recipeArg, wordArg } from "./args.ts";
export type * from "./ast.ts";
export { expectation } from "./bind.ts";
export { legalInFragment } from "./lex.ts";
export { type NotationOptions, normalizeRecipe, parseRecipe } from "./parse.ts";
export { canonical, printRecipe } from "./print.ts";

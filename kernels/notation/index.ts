/**
 * The notation of recipes: one text for links, legends, the command line, tables and tests. `parser.ts` has the
 * grammar, `signature.ts` says what registered names take, `ast.ts` is the tree.
 */
export { argOf, numberArg, numberList, recipeArg, wordArg } from "./args.ts";
export type * from "./ast.ts";
export { expectation } from "./bind.ts";
export { printBlock } from "./block.ts";
export { type Completion, type CompletionOption, complete } from "./complete.ts";
export { parseDefinition, printDefinition } from "./definition.ts";
export { legalInFragment } from "./lex.ts";
export { MAX_BLOCK, MAX_DEPTH, MAX_MODEL_TEXT, MAX_NAME, MAX_TEXT } from "./limits.ts";
export { type ModelRule, matchRule, parseModelRecipe, printModelRecipe } from "./model.ts";
export { type NotationOptions, normalizeRecipe, parseRecipe } from "./parse.ts";
export { canonical, printRecipe } from "./print.ts";

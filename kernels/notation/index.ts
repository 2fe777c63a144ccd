/**
 * The notation of recipes: one text for links, legends, the command line, tables and tests.
 *
 *     int4/128                              a format and a block: each 128 elements of a row share a float32 scale
 *     int4(half)@sr(seed=1)/128~mse:f16     its options, its rounding, the block, the scale rule, how scales are stored
 *     e2m1/16:e4m3/tensor                   scales are quantized in turn: E4M3, with one float32 scale for the tensor
 *     nvfp4@sr(seed=3)                      an alias of that; what follows overrides
 *     q4_k                                  one of ggml's: it brings its own blocks, scales and rounding
 *     rht(128,seed=7)+int4/128              a step before the quantizer, a rotation
 *     int4(asym,zp=(int8/row))/64           a recipe as an argument, in brackets unless it is a name with arguments
 *     my4:=codebook(-1,0,1)                 a definition, after which my4/64 is understood
 *     *norm*=f32;*=int4/64                  a model recipe: the first pattern that matches a tensor's name wins
 *
 * `parser.ts` has the grammar, `signature.ts` says what registered names may be followed by, `ast.ts` is the tree,
 * `normalize.ts` says which trees mean the same, `print.ts` how the shortest text is found.
 */

export type * from "../grammar/ast.ts";
export { expectation } from "../grammar/bind.ts";
export { argOf, numberArg, numberList, recipeArg, wordArg } from "./args.ts";
export { printBlock } from "./block.ts";
export { type Completion, type CompletionOption, complete } from "./complete.ts";
export { parseDefinition, printDefinition } from "./definition.ts";
export { legalInFragment } from "./lex.ts";
export { MAX_BLOCK, MAX_DEPTH, MAX_MODEL_TEXT, MAX_NAME, MAX_TEXT } from "./limits.ts";
export {
  KEEP,
  type ModelRule,
  matchesPattern,
  matchRule,
  parseModelRecipe,
  printModelRecipe,
  ruleFinder,
} from "./model.ts";
export { type NotationOptions, normalizeRecipe, parseRecipe } from "./parse.ts";
export { canonical, printRecipe } from "./print.ts";

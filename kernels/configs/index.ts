/** A recipe as configurations of other tools: exactly where they do the same, and otherwise with what they do instead. */
import type { Definition, Recipe } from "../grammar/ast.ts";
import { compressorConfig } from "./compressor.ts";
import { llamaConfig } from "./llama.ts";
import type { ToolConfig } from "./types.ts";

export { type CompressorWeights, compressorWeights } from "./compressor.ts";
export type { ToolConfig } from "./types.ts";

/** One entry a tool, always in the same order; without text where a tool has nothing like the recipe. */
export function configsOf(recipe: Recipe, definitions: readonly Definition[] = []): ToolConfig[] {
  return [llamaConfig(recipe, definitions), compressorConfig(recipe, definitions)];
}

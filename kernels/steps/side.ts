import type { Recipe } from "../grammar/ast.ts";

/** How side tensors are stored where the recipe does not say. */
export const F16: Recipe = {
  before: [],
  quantizer: { base: { name: "f16", args: [] }, rounding: null, block: null, rule: null, scale: null },
  after: [],
};

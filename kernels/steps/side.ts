import type { Recipe } from "../grammar/ast.ts";

/** A direct cast. */
const castTo = (name: string): Recipe => ({
  before: [],
  quantizer: { base: { name, args: [] }, rounding: null, block: null, rule: null, scale: null },
  after: [],
});

/** How side tensors are stored where the recipe does not say. */
export const F16 = castTo("f16");
/** The same for those that have to keep every bit: a basis that is to be orthogonal. */
export const F32 = castTo("f32");

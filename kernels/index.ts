/** What the rooms above may use of the numbers. */
export type { Backend } from "./backend.ts";
export { type Given, planGiven, quantizeGiven } from "./engine/given.ts";
export { quantizeMatrix } from "./engine/quantize.ts";
export type { MatrixSource, Quantized, QuantizedRows, QuantizeOptions } from "./engine.ts";
export { RecipeError } from "./errors.ts";
export { givenIndex } from "./notation/given.ts";
export { prepareRecipe } from "./plan/prepare.ts";
export { referenceBackend } from "./reference/backend.ts";

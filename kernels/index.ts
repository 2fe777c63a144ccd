/** What the rooms above may use of the numbers. */
export type { Backend } from "./backends/backend.ts";
export { referenceBackend } from "./backends/reference/backend.ts";
export { type Given, planGiven, quantizeGiven } from "./engine/given.ts";
export { quantizeMatrix } from "./engine/quantize.ts";
export type { MatrixSource, Quantized, QuantizedRows, QuantizeOptions } from "./engine/types.ts";
export { RecipeError } from "./grammar/errors.ts";
export { givenIndex } from "./notation/given.ts";
export { prepareRecipe } from "./prepare/prepare.ts";

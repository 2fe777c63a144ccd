/** What the rooms above may use of the numbers. */
export type { Backend } from "./backends/backend.ts";
export type { QuantizeOptions } from "./backends/options.ts";
export { referenceBackend } from "./backends/reference/backend.ts";
export type { Given } from "./engine/given.ts";
export { quantizeMatrix } from "./engine/quantize.ts";
export type { Quantized, QuantizedRows } from "./engine/types.ts";
export { RecipeError } from "./grammar/errors.ts";
export type { MatrixSource } from "./matrix/source.ts";
export { givenIndex } from "./notation/given.ts";
export { prepareRecipe } from "./prepare/prepare.ts";

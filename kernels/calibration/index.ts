/**
 * Calibration: what is known of the inputs that a weight meets. `types.ts` has what it holds, `reduce.ts` makes it of activations,
 * `needs.ts` says what a method misses, `dual.ts` takes it through the transforms that stand before a solver.
 */
export { type Dual, throughDual } from "./dual.ts";
export { checkGramSize, checkNeed, checkWidth, GRAM_BUDGET, largestNeed, partOf } from "./needs.ts";
export { finiteTokens, type ReduceOptions, type Reduction, startReduction, tokenNotes, tokensAt } from "./reduce.ts";
export { columnQuantiles, QUANTILES } from "./statistics.ts";
export type { Calibration, CalibrationNeed, CalibrationPart, CalibrationSource, ColumnQuantile } from "./types.ts";
export { type CalibrationUse, usedOf } from "./use.ts";

/** Sweeps: grids of recipes, their figures without a report, and the frontier among them. */

export { referenceSweep } from "../backends/reference/sweep/sweep.ts";
export type { MatrixSweep, SweepBackend, SweepTile, SweepTotals, SweepWork } from "../backends/sweep.ts";
export type { SweepSums, TileFacts } from "../backends/sweep-sums.ts";
export type { SweepMetrics } from "../measure/metrics/index.ts";
export { type Coverage, coverable, coverageOf, isWhole } from "./coverage.ts";
export { type CsvRow, figureNames, SWEEP_METRICS, sweepCsv } from "./csv.ts";
export {
  expandSteps,
  expandSweep,
  isList,
  partsOf,
  type RecipeParts,
  type Skipped,
  type SweepPlan,
  type SweepRecipe,
} from "./expand.ts";
export { givenSweep } from "./given.ts";
export { countRecipes, type Grid, MAX_RECIPES, MAX_SWEEP_TEXT } from "./grid.ts";
export { type Axes, costsOf, Frontier } from "./pareto.ts";
export { parseSweep } from "./parse.ts";
export { bandOf, hasPhase, type PhaseBand, phaseFactor } from "./phase.ts";
export { printSweep } from "./print.ts";
export { type PartSums, type SweepOptions, type SweepOutcome, sweepMatrix } from "./run.ts";
export { type TensorMeasured, together } from "./together.ts";

/** What a job will take, told before it starts. */

import type { Backend } from "../../kernels/backends/backend.ts";
import { leavesTransforms } from "../../kernels/backends/tiles.ts";
import { rowBytes } from "../../kernels/ggml/packed.ts";
import { blockCount, rowPeriod } from "../../kernels/plan/blocks.ts";
import { hasLayers } from "../../kernels/plan/layers.ts";
import type { Plan } from "../../kernels/plan/plan.ts";
import { triesOf } from "../../kernels/scales/tried.ts";
import { MOST_VALUES } from "../../kernels/steps/solving/parameters.ts";
import type { PlannedStep } from "../../kernels/steps/step.ts";
import { formatBytes } from "../bytes/format-bytes.ts";
import { UserError } from "../errors/user-error.ts";

/** Most that one job may take. Below what browsers let a tab have, so that the page lives on beside it. */
export const MEMORY_LIMIT = 3 * 2 ** 30;
/** Decoded tensors that a worker keeps at hand. */
export const DECODED_BYTES = 2 ** 29;
/** Results that a worker keeps at hand, but for the newest one, which is kept whatever it takes. */
export const RESULT_BYTES = 2 ** 28;
/** What takes less stays at hand when it is no longer looked at: to come back to it is common, and it is soon given up for others. */
export const SMALL_BYTES = 2 ** 24;
/** From here on the report says what the job took. */
const WORTH_TELLING = 2 ** 29;

/** Elements quantized at a time: some 20 ms of the reference's work. */
const TILE_ELEMENTS = 2 ** 17;
/** Trials of a searched clip that take as long as quantizing does. */
const TRIALS_PER_PASS = 10;
/** Input, transformed input, result, codes and error of an element in a tile; steps before the quantizer copy it again. */
const TILE_BYTES = 20;
const STEPS_BYTES = 32;
/** Of an element under steps that hold the matrix: what goes in and out of each, one after the other. */
const LAYERS_BYTES = 16;
/** Of those, what stays with the result: original, entering values, quantized ones and the result. */
const LAYERS_KEPT_BYTES = 16;
/** Two float64 sums and a float32 maximum. */
/** Codes and results of a solver; and the copies of a Gram matrix, in float64, that lie beside each other while it is factored. */
const SOLVED_BYTES = 8;
const FACTORS = 4;
const PROFILE_BYTES = 20;
/** Longer profiles have an entry for several indices. */
const MAX_PROFILE = 2 ** 16;
/** Of a block: its maximum and whether it holds NaN or Inf; minimum and maximum, signed maximum, clip and its lower end. */
const STATISTICS_BYTES = 5;
const ENDS_BYTES = 8;
const SIGNED_BYTES = 4;
const CLIP_BYTES = 8;
/** Of a scale: its stored value, the exact one, what is in force, and its code. */
const SCALE_BYTES = 16;
const CODE_BYTES = 4;
/** A zero point, a reciprocal, an offset. */
const BESIDE_BYTES = 4;
/** Of a block, while scales are made: numerators, two of them for affine formats. */
const NUMERATOR_BYTES = 16;
/** Tables of formats, the kernels' own memory, the coarse map. */
const FIXED_BYTES = 2 ** 24;

/**
 * Elements a tile, so that a job looks at the message queue in time: a search over a grid costs many passes. Left to a
 * backend that says what suits it, unless the processor has a part in the work.
 */
export function tileElements(plan: Plan, backend?: Pick<Backend, "tileElements" | "rotates">): number | undefined {
  if (backend?.tileElements && !plan.wholeBlocks && leavesTransforms(plan, backend)) return undefined;
  return Math.ceil(TILE_ELEMENTS / (1 + triesOf(plan) / TRIALS_PER_PASS));
}

/** Bytes at the peak of quantizing under a plan, with what is kept of the decoded tensor. */
export function estimateBytes(plan: Plan, kept = DECODED_BYTES): number {
  const elements = plan.rows * plan.cols;
  const decoded = 4 * elements <= kept ? 4 * elements : 0;
  // Percentiles and searches need a block at once: one that spans all rows makes the tile the whole matrix.
  const atOnce = plan.wholeBlocks ? rowPeriod(plan.grid) * plan.cols : 1;
  const tile = Math.min(elements, Math.max(TILE_ELEMENTS, atOnce, plan.cols));
  const each = TILE_BYTES + (plan.transforms.length > 0 ? STEPS_BYTES : 0);
  const layers = hasLayers(plan) ? LAYERS_BYTES * elements : 0;
  const solver = solverOf(plan);
  const solved = solver
    ? SOLVED_BYTES * elements + 16 * Math.min(elements, MOST_VALUES) + factorBytes(solver, plan)
    : 0;
  const numerators = blocksOf(plan) * (plan.element.affine ? 2 : 1) * NUMERATOR_BYTES;
  return FIXED_BYTES + decoded + tile * each + numerators + layers + solved + resultBytes(plan);
}

/** Bytes of a result: what is known of its blocks, their scales, what a block quantizer packed, and profiles. */
export function resultBytes(plan: Plan): number {
  const { element, levels, codec } = plan;
  const blocks = blocksOf(plan);
  const known =
    STATISTICS_BYTES +
    (element.affine ? ENDS_BYTES : 0) +
    (levels[0]?.divisor < 0 ? SIGNED_BYTES : 0) +
    (plan.wholeBlocks ? CLIP_BYTES * (element.affine ? 2 : 1) : 0) +
    (element.affine || element.arith !== "exact" || codec ? BESIDE_BYTES : 0);
  const scales = levels.reduce(
    (sum, { grid, ladder }) => sum + blockCount(grid) * (SCALE_BYTES + (ladder ? CODE_BYTES : 0)),
    0,
  );
  const entries = [plan.rows, plan.cols, blocks].reduce((sum, n) => sum + Math.min(n, MAX_PROFILE), 0);
  const packed = codec ? plan.rows * rowBytes(codec, plan.cols) : 0;
  const solved = solverOf(plan) ? SOLVED_BYTES : 0;
  const layers = hasLayers(plan) ? (LAYERS_KEPT_BYTES + solved) * plan.rows * plan.cols : 0;
  return packed + layers + blocks * known + scales + entries * PROFILE_BYTES;
}

const solverOf = ({ steps }: Plan) => steps.find(({ step }) => step.entry.place === "solver");

/** Bytes of what a solver makes of the inputs' Gram matrix. */
const factorBytes = ({ needs }: PlannedStep, { cols }: Plan): number =>
  needs.calibration === "none" ? 0 : FACTORS * 8 * cols ** 2;

const blocksOf = (plan: Plan): number => (plan.levels.length > 0 ? blockCount(plan.grid) : 0);

/**
 * The most that the recipes of a view take together over a tensor, decoded values apart: each in a worker of its own, with the result
 * before it still on the screen.
 */
export const viewBytes = (plans: readonly Plan[]): number =>
  plans.reduce((sum, plan) => sum + estimateBytes(plan, 0) + resultBytes(plan), 0);

/**
 * Throws UserError where the estimate is over the limit. Otherwise gives the note for the report: a sentence, or `null`
 * where the job is an ordinary one.
 */
export function memoryNote(plan: Plan, limit = MEMORY_LIMIT): string | null {
  const bytes = estimateBytes(plan);
  if (bytes > limit) {
    const solver = solverOf(plan);
    const why = solver
      ? `${solver.step.entry.name} holds the whole matrix and what it makes of the inputs.`
      : "Larger blocks have fewer scales to hold; blocks along a row need no whole columns.";
    throw new UserError(
      `${plan.text} on a ${plan.rows} x ${plan.cols} matrix takes about ${formatBytes(bytes)} of memory, and ` +
        `${formatBytes(limit)} are allowed. ${why}`,
    );
  }
  return bytes >= WORTH_TELLING ? `this took about ${formatBytes(bytes)} of memory` : null;
}

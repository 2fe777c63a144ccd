/** What a job will take, told before it starts. */

import type { Backend } from "../../kernels/backend.ts";
import { leavesTransforms } from "../../kernels/engine/tiles.ts";
import { rowBytes } from "../../kernels/ggml/packed.ts";
import { blockCount, rowPeriod } from "../../kernels/plan/blocks.ts";
import type { Plan } from "../../kernels/plan/plan.ts";
import { UserError } from "../protocol.ts";
import { formatBytes } from "../tensors/format-bytes.ts";

/** Most that one job may take. Below what browsers let a tab have, so that the page lives on beside it. */
export const MEMORY_LIMIT = 3 * 2 ** 30;
/** Decoded tensors that a worker keeps at hand. */
export const DECODED_BYTES = 2 ** 29;
/** Results that a worker keeps at hand. */
export const RESULT_BYTES = 2 ** 29;
/** From here on the report says what the job took. */
const WORTH_TELLING = 2 ** 29;

/** Elements quantized at a time: some 20 ms of the reference's work. */
const TILE_ELEMENTS = 2 ** 17;
/** Trials of a searched clip that take as long as quantizing does. */
const TRIALS_PER_PASS = 10;
const BLOCKS_WITH_PROFILE = 2 ** 22;
/** Input, transformed input, result, codes and error of an element in a tile. */
const TILE_BYTES = 20;
/** Two float64 sums and a float32 maximum. */
const PROFILE_BYTES = 20;
/** A level's ideal and stored values and its codes. */
const SCALE_BYTES = 12;

/**
 * Elements a tile, so that a job looks at the message queue in time: a search over a grid costs many passes. Left to a
 * backend that says what suits it, unless the processor has a part in the work.
 */
export function tileElements(plan: Plan, backend?: Pick<Backend, "tileElements" | "rotates">): number | undefined {
  if (backend?.tileElements && !plan.wholeBlocks && leavesTransforms(plan, backend)) return undefined;
  const rule = plan.levels[0]?.rule;
  return rule?.name === "mse" || rule?.name === "shrink"
    ? Math.ceil(TILE_ELEMENTS / (1 + rule.grid / TRIALS_PER_PASS))
    : TILE_ELEMENTS;
}

/** Bytes at the peak of quantizing under a plan, with what is kept of the decoded tensor. */
export function estimateBytes(plan: Plan, kept = DECODED_BYTES): number {
  const elements = plan.rows * plan.cols;
  const decoded = Math.min(4 * elements, kept);
  // Percentiles and searches need a block at once: one that spans all rows makes the tile the whole matrix.
  const atOnce = plan.wholeBlocks ? rowPeriod(plan.grid) * plan.cols : 1;
  const tile = Math.min(elements, Math.max(TILE_ELEMENTS, atOnce));
  return decoded + tile * TILE_BYTES + resultBytes(plan);
}

/** Bytes of a result: scales, what a block quantizer packed, and profiles of rows, columns and blocks. */
export function resultBytes(plan: Plan): number {
  const blocks = blockCount(plan.grid);
  const scales = plan.levels.reduce((sum, level) => sum + blockCount(level.grid), 0);
  const profiles = plan.rows + plan.cols + (blocks > BLOCKS_WITH_PROFILE ? 0 : blocks);
  const packed = plan.codec ? plan.rows * rowBytes(plan.codec, plan.cols) : 0;
  return packed + scales * SCALE_BYTES + profiles * PROFILE_BYTES;
}

/**
 * Throws UserError where the estimate is over the limit. Otherwise gives the note for the report: a sentence, or `null`
 * where the job is an ordinary one.
 */
export function memoryNote(plan: Plan, limit = MEMORY_LIMIT): string | null {
  const bytes = estimateBytes(plan);
  if (bytes > limit) {
    throw new UserError(
      `${plan.text} on a ${plan.rows} x ${plan.cols} matrix takes about ${formatBytes(bytes)} of memory, and ` +
        `${formatBytes(limit)} are allowed. Larger blocks have fewer scales to hold; blocks along a row need no whole columns.`,
    );
  }
  return bytes >= WORTH_TELLING ? `this took about ${formatBytes(bytes)} of memory` : null;
}

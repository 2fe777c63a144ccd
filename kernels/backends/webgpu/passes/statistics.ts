import { floatFromBits } from "../../../exact/bits.ts";
import type { Plan } from "../../../plan/plan.ts";
import type { BlockStatistics } from "../../../scales/statistics.ts";
import type { Tile } from "../../backend.ts";
import { type Cut, eachPart } from "../tiles/bands.ts";
import { AMAX_BAD, AMAX_COLS, AMAX_ROWS, amaxFields } from "../wgsl/amax.ts";
import { STATISTICS_WORDS } from "../wgsl/parts.ts";
import { segmentOf } from "./fused.ts";

/** Adds the extremes of all parts of a piece, in row-major order, to the statistics of their blocks. */
export function addPartStatistics(plan: Plan, cut: Cut, words: Uint32Array, into: BlockStatistics): void {
  const { amax, min, max, signed, bad } = into;
  const across = plan.grid.flat ? 0 : plan.grid.gridCols;
  eachPart(cut, (part, row, col) => {
    const at = part * STATISTICS_WORDS;
    const block = row * across + col;
    const positive = floatFromBits(words[at]);
    const negative = floatFromBits(words[at + 1]);
    if (words[at + 2] === 1) bad[block] = 1;
    const largest = Math.max(positive, negative);
    if (largest > amax[block]) {
      amax[block] = largest;
      if (signed.length > 0) signed[block] = words[at + 3] & 1 ? -largest : largest;
    }
    if (min.length > 0) {
      if (-negative < min[block]) min[block] = -negative;
      if (positive > max[block]) max[block] = positive;
    }
  });
}

/** Whether the largest magnitudes of segments are all that a plan's statistics ask for. */
export function needsOnlyAmax(plan: Plan): boolean {
  return !plan.element.affine && plan.levels[0].divisor > 0 && segmentOf(plan) > 0;
}

/** The uniform for a tile's largest magnitudes, segments of a row, and workgroups. */
export function amaxLayout(
  plan: Plan,
  { rows, cols }: Tile,
): { words: Int32Array; across: number; workgroups: number } {
  const segment = segmentOf(plan);
  const across = Math.ceil(cols / segment);
  const chunks = Math.ceil(cols / AMAX_COLS);
  const values: Record<(typeof amaxFields)[number][0], number> = {
    rows,
    cols,
    chunks,
    segment_threads: segment / 4,
    across,
  };
  const words = Int32Array.from(amaxFields, ([name]) => values[name]);
  return { words, across, workgroups: chunks * Math.ceil(rows / AMAX_ROWS) };
}

/** Adds the largest magnitudes of a tile's segments to the statistics of their blocks. */
export function addAmax(plan: Plan, tile: Tile, across: number, words: Uint32Array, into: BlockStatistics): void {
  const { grid } = plan;
  const { amax, bad } = into;
  const perBlock = grid.blockCols >= grid.cols ? across : grid.blockCols / segmentOf(plan);
  const floats = new Float32Array(words.buffer, words.byteOffset, words.length);
  for (let r = 0, at = 0; r < tile.rows; r++) {
    const first = Math.floor((tile.row0 + r) / grid.blockRows) * grid.gridCols;
    for (let s = 0; s < across; s++, at++) {
      const block = first + Math.floor(s / perBlock);
      if (words[at] >= AMAX_BAD) {
        bad[block] = 1;
        words[at] -= AMAX_BAD;
      }
      if (floats[at] > amax[block]) amax[block] = floats[at];
    }
  }
}

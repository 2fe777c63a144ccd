import { floatFromBits } from "../exact/bits.ts";
import type { Plan } from "../plan/plan.ts";
import type { BlockStatistics } from "../scales/statistics.ts";
import { type Cut, eachPart } from "./bands.ts";
import { STATISTICS_WORDS } from "./wgsl/parts.ts";

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

import { partOf } from "../calibration/needs.ts";
import type { Importance } from "../ggml/encode.ts";
import { packRows, rowBytes } from "../ggml/packed.ts";
import { blockCount, eachRun } from "../plan/blocks.ts";
import { isWeighted, type Plan } from "../plan/plan.ts";

/**
 * What is known of each block of elements before its scale is chosen. Every field merges over parts of a block by
 * maximum or minimum, so tiles may cut blocks. NaN and Inf are left out, and `bad` remembers them.
 */
export interface BlockStatistics {
  amax: Float32Array;
  /** For affine formats, else empty. Extended to hold zero. */
  min: Float32Array;
  max: Float32Array;
  /** For the signed maximum: the value with the largest magnitude, the first of equals; else empty. */
  signed: Float32Array;
  /** 1 where a block holds NaN or Inf. */
  bad: Uint8Array;
  /** Where the stored scale is searched: the one that the search found, and for affine formats the zero point; else empty. */
  stored: Float32Array;
  zero: Int32Array;
  /** For other rules that need a block at once: the clip (upper end), and the lower end for affine formats; else empty. */
  clip: Float64Array;
  clipLow: Float64Array;
  /** For block quantizers: the whole matrix as they store it; else empty. */
  packed: Uint8Array;
  /** For block quantizers that weigh columns, and for weighted searches: how much each matters, or null. */
  importance: Importance | null;
  /** Blocks whose scale was to be learned, and whose descent ran away: they keep the best that it met. */
  diverged: number;
}

export function makeStatistics(plan: Plan, importance: Importance | null = null): BlockStatistics {
  const n = plan.levels.length > 0 ? blockCount(plan.grid) : 0;
  const affine = plan.element.affine ? n : 0;
  const kind = plan.levels[0]?.rule.finding.kind;
  const best = kind === "search" ? n : 0;
  const clipped = kind === "clip" || kind === "shrink" || kind === "learned" ? n : 0;
  return {
    amax: new Float32Array(n),
    min: new Float32Array(affine),
    max: new Float32Array(affine),
    signed: new Float32Array(plan.levels[0]?.divisor < 0 ? n : 0),
    bad: new Uint8Array(n),
    stored: new Float32Array(best),
    zero: new Int32Array(plan.element.affine ? best : 0),
    clip: new Float64Array(clipped),
    clipLow: new Float64Array(plan.element.affine ? clipped : 0),
    packed: new Uint8Array(plan.codec ? plan.rows * rowBytes(plan.codec, plan.cols) : 0),
    importance,
    diverged: 0,
  };
}

/** The weights of a plan's search; null where it has none. Throws RecipeError where it has to have them and they are not known. */
export function weightsOf({ levels }: Plan, { importance }: BlockStatistics): Importance | null {
  const rule = levels[0]?.rule;
  if (!isWeighted(rule?.finding)) return null;
  if (!importance) partOf(null, "meanSquare", rule.name);
  return importance;
}

/** Adds whole rows (row-major, from row0) to the statistics. */
export function addStatistics(
  plan: Plan,
  input: Float32Array,
  row0: number,
  rows: number,
  into: BlockStatistics,
): void {
  const { grid, codec } = plan;
  if (codec) packRows(codec, input, row0, rows, plan.cols, into.packed, into.importance);
  const { amax, min, max, signed, bad } = into;
  const affine = min.length > 0;
  const wantSigned = signed.length > 0;
  for (let r = 0; r < rows; r++) {
    const base = r * grid.cols;
    eachRun(grid, row0 + r, (from, to, block) => {
      let a = amax[block];
      for (let i = base + from; i < base + to; i++) {
        const x = input[i];
        if (x - x !== 0) {
          bad[block] = 1;
          continue;
        }
        const m = x < 0 ? -x : x;
        if (m > a) {
          a = m;
          if (wantSigned) signed[block] = x;
        }
        if (affine) {
          if (x < min[block]) min[block] = x;
          else if (x > max[block]) max[block] = x;
        }
      }
      amax[block] = a;
    });
  }
}

import { stablePow } from "../exact/pow.ts";
import { blockCount, blockExtent, blockSize } from "../plan/blocks.ts";
import type { Plan, ScaleRule } from "../plan/plan.ts";
import { type BlockScale, makeEncoder } from "../reference/encoder.ts";
import { idealOf } from "./ideal.ts";
import { roundScale } from "./round.ts";
import type { BlockStatistics } from "./statistics.ts";
import { zeroPointOf } from "./zero-point.ts";

/**
 * Clips that need all values of a block at once. They are found here for every backend, in one fixed order, so that the
 * scales that follow are the same everywhere.
 */
export function searchClips(plan: Plan, input: Float32Array, row0: number, rows: number, into: BlockStatistics): void {
  const { grid } = plan;
  const count = blockCount(grid);
  const start = grid.flat
    ? Math.floor((row0 * grid.cols) / grid.flat)
    : Math.floor(row0 / grid.blockRows) * grid.gridCols;
  const end = grid.flat
    ? Math.ceil(((row0 + rows) * grid.cols) / grid.flat)
    : Math.ceil((row0 + rows) / grid.blockRows) * grid.gridCols;
  const search = makeSearch(plan);
  for (let block = start; block < Math.min(end, count); block++) {
    const values = gather(plan, input, row0, block);
    const [low, high] = search(
      values,
      into.amax[block],
      into.min[block] ?? 0,
      into.max[block] ?? 0,
      into.signed[block] ?? 0,
    );
    into.clip[block] = high;
    if (into.clipLow.length > 0) into.clipLow[block] = low;
  }
}

/** The finite values of a block in row-major order. */
function gather(plan: Plan, input: Float32Array, row0: number, block: number): Float32Array {
  const { grid } = plan;
  const out = new Float32Array(blockSize(grid, block));
  let n = 0;
  const take = (from: number, to: number) => {
    for (let i = from; i < to; i++) if (input[i] - input[i] === 0) out[n++] = input[i];
  };
  const extent = blockExtent(grid, block);
  if (!extent) take(block * grid.flat - row0 * grid.cols, block * grid.flat - row0 * grid.cols + out.length);
  else {
    const [r0, r1, c0, c1] = extent;
    for (let r = r0; r < r1; r++) take((r - row0) * grid.cols + c0, (r - row0) * grid.cols + c1);
  }
  return out.subarray(0, n);
}

type Search = (
  values: Float32Array,
  amax: number,
  min: number,
  max: number,
  signed: number,
) => [low: number, high: number];

function makeSearch(plan: Plan): Search {
  const { rule } = plan.levels[0];
  switch (rule.name) {
    case "pct":
      return plan.element.affine ? percentileRange(rule.p) : (values) => [0, nearestRank(values.map(Math.abs), rule.p)];
    case "rms":
      return (values) => [0, rule.k * Math.sqrt(mean(values, (x) => x * x))];
    case "absmean":
      return (values) => [0, rule.k * mean(values, Math.abs)];
    case "mse":
    case "shrink":
      return gridSearch(plan, rule);
    default:
      throw new Error(`~${rule.name} needs no search`);
  }
}

function mean(values: Float32Array, of: (x: number) => number): number {
  let sum = 0;
  for (const x of values) sum += of(x);
  return values.length === 0 ? 0 : sum / values.length;
}

/** The smallest value with at least p percent of all at or below it (nearest rank). 0 for no values. */
function nearestRank(values: Float32Array, p: number): number {
  if (values.length === 0) return 0;
  const rank = Math.max(1, Math.ceil((p / 100) * values.length - 1e-9));
  return values.sort()[rank - 1];
}

/** Upper percentile of the values and of their negatives, extended to hold zero. */
function percentileRange(p: number): Search {
  return (values) => [
    -Math.max(
      0,
      nearestRank(
        values.map((x) => -x),
        p,
      ),
    ),
    Math.max(0, nearestRank(values.slice(), p)),
  ];
}

/**
 * Tries the clip times 1, 1 - h, 1 - 2h ... with h = (1 - least)/grid and keeps the factor with the least sum of
 * |error|^p; the larger clip wins among equals (the search of FlatQuant and llm-compressor). Each candidate goes
 * through the scale's own format, unless that format is itself scaled: then through float32.
 */
function gridSearch(plan: Plan, rule: Extract<ScaleRule, { name: "mse" | "shrink" }>): Search {
  const { element } = plan;
  // Stochastic rounding is not searched over: the nearest level says what a clip costs.
  const mode = element.rounding.mode === "sr" || element.rounding.mode === "coin" ? "rne" : element.rounding.mode;
  const encoder = makeEncoder({ ...element, arith: "exact", rounding: { ...element.rounding, mode } });
  return (values, amax, min, max, signed) => {
    const result = new Float32Array(values.length);
    const full = plan.levels[0].divisor < 0 ? signed : amax;
    let [best, least] = [1, Infinity];
    for (let i = 0; i <= rule.grid; i++) {
      const factor = 1 - (i * (1 - rule.least)) / rule.grid;
      const scale = candidateScale(plan, full * factor, min * factor, max * factor);
      if (scale.scale === 0) continue;
      encoder.run(values, 0, values.length, scale, 0, result, null);
      let sum = 0;
      for (let k = 0; k < values.length && sum < least; k++)
        sum += stablePow(Math.fround(values[k] - result[k]), rule.p);
      // Sums as close as their own rounding are equal.
      if (sum < least * (1 - 2 ** -50)) [best, least] = [factor, sum];
    }
    return element.affine ? [min * best, max * best] : [0, full * best];
  };
}

function candidateScale(plan: Plan, clip: number, low: number, high: number): BlockScale {
  const level = plan.levels[0];
  const { hi, lo } = idealOf(plan, clip, low, high);
  const scale =
    plan.levels.length === 1
      ? roundScale(level, hi, lo, level.divisor, 0, 0).value
      : Math.fround((hi + lo) / level.divisor);
  return { scale, reciprocal: 1, zeroPoint: plan.element.affine ? zeroPointOf(plan, low, scale) : 0 };
}

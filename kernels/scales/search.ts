import { type BlockScale, makeEncoder } from "../codes/scalar/encoder.ts";
import { stablePow } from "../exact/pow.ts";
import { blockCount, blockSize } from "../plan/blocks.ts";
import type { Clip, Finding, Plan } from "../plan/plan.ts";
import { BestScales } from "./best.ts";
import { gather, gatherWeights } from "./gather.ts";
import { idealOf } from "./ideal.ts";
import { learnedClip } from "./learned.ts";
import type { Outside } from "./resolve.ts";
import { roundScale } from "./round.ts";
import { searchedElement } from "./searches.ts";
import { type BlockStatistics, weightsOf } from "./statistics.ts";
import type { Trials } from "./trials.ts";
import { zeroPointOf } from "./zero-point.ts";

/** Searches under way, by their statistics. */
const underWay = new WeakMap<BlockStatistics, { trials: Trials | undefined; best: BestScales }>();

/**
 * Finds what rules say that need all values of a block at once: clips, or the scales themselves. Done here for every
 * backend, in one fixed order, so that the scales are the same everywhere. The statistics of the blocks stand (of all
 * blocks, where `searchesLater`). `trials` follow the reference's, which are taken without. `outside` stands in for the levels
 * outside those of the elements where they are known. Throws RecipeError where the rule has weights and `into` has none.
 */
export function searchBlocks(
  plan: Plan,
  input: Float32Array,
  row0: number,
  rows: number,
  into: BlockStatistics,
  trials?: Trials,
  outside?: Outside | null,
): void {
  const { grid } = plan;
  const count = blockCount(grid);
  const start = grid.flat
    ? Math.floor((row0 * grid.cols) / grid.flat)
    : Math.floor(row0 / grid.blockRows) * grid.gridCols;
  const end = grid.flat
    ? Math.ceil(((row0 + rows) * grid.cols) / grid.flat)
    : Math.ceil((row0 + rows) / grid.blockRows) * grid.gridCols;
  weightsOf(plan, into);
  const visit =
    plan.levels[0].rule.finding.kind === "search" ? bestScales(plan, into, trials, outside) : clips(plan, into);
  for (let block = start; block < Math.min(end, count); block++) visit(block, input, row0);
}

type Visit = (block: number, input: Float32Array, row0: number) => void;

function bestScales(plan: Plan, into: BlockStatistics, trials?: Trials, outside?: Outside | null): Visit {
  const known = underWay.get(into);
  const best = known?.trials === trials ? known?.best : undefined;
  const found = best ?? new BestScales(plan, into, trials, outside);
  if (!best) underWay.set(into, { trials, best: found });
  found.resume();
  return (block, input, row0) => found.search(block, input, row0);
}

function clips(plan: Plan, into: BlockStatistics): Visit {
  const search = makeSearch(plan, into);
  const values = new Float32Array(blockSize(plan.grid, 0));
  const importance = weightsOf(plan, into);
  const weights = importance && new Float32Array(values.length);
  return (block, input, row0) => {
    if (importance) gatherWeights(plan.grid, input, row0, block, importance, weights!);
    const [low, high] = search(
      values.subarray(0, gather(plan.grid, input, row0, block, values)),
      into.amax[block],
      into.min[block] ?? 0,
      into.max[block] ?? 0,
      into.signed[block] ?? 0,
      weights,
    );
    into.clip[block] = high;
    if (into.clipLow.length > 0) into.clipLow[block] = low;
  };
}

type Search = (
  values: Float32Array,
  amax: number,
  min: number,
  max: number,
  signed: number,
  weights: Float32Array | null,
) => Clip;

function makeSearch(plan: Plan, into: BlockStatistics): Search {
  const { finding, name } = plan.levels[0].rule;
  switch (finding.kind) {
    case "learned": {
      const learn = learnedClip(plan, finding);
      return (values, amax, min, max, _, weights) => {
        const { clip, diverged } = learn(values, amax, min, max, weights);
        if (diverged) into.diverged++;
        return clip;
      };
    }
    case "clip":
      return finding.of;
    case "shrink":
      return gridSearch(plan, finding);
    default:
      throw new Error(`~${name} takes no clip`);
  }
}

/**
 * Tries the clip times 1 and the rule's own factors, or times 1, 1 - h, 1 - 2h ... with h = (1 - least)/grid and keeps the factor with the least sum of
 * |error|^p, each times its weight where there are some; the larger clip wins among equals (the search of FlatQuant and llm-compressor). Each candidate goes
 * through the scale's own format, unless that format is itself scaled: then through float32.
 */
function gridSearch(plan: Plan, rule: Extract<Finding, { kind: "shrink" }>): Search {
  const { element } = plan;
  const encoder = makeEncoder({ ...searchedElement(plan), arith: "exact" });
  return (values, amax, min, max, signed, weights) => {
    const result = new Float32Array(values.length);
    const full = plan.levels[0].divisor < 0 ? signed : amax;
    let [best, least] = [1, Infinity];
    const factors = rule.factors && (full === 0 ? [1] : [1, ...rule.factors(Math.abs(full))]);
    for (let i = 0; i < (factors?.length ?? rule.grid + 1); i++) {
      const factor = factors ? factors[i] : 1 - (i * (1 - rule.least)) / rule.grid;
      const scale = candidateScale(plan, full * factor, min * factor, max * factor);
      if (scale.scale === 0) continue;
      encoder.run(values, 0, values.length, scale, 0, result, null);
      let sum = 0;
      for (let k = 0; k < values.length && sum < least; k++) {
        const power = stablePow(Math.fround(values[k] - result[k]), rule.p);
        sum += weights ? weights[k] * power : power;
      }
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

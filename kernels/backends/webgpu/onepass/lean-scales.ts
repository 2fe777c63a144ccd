import { floatBits } from "../../../exact/bits.ts";
import { blockCount } from "../../../plan/blocks.ts";
import { isPlainRule, type Plan } from "../../../plan/plan.ts";
import { hasPlainScales, type ScaleSteps, scaleSteps, scalesOf } from "../../../scales/steps.ts";
import { countsSummary, plainSummary, type ScaleSummary, summaryOf, valuesSummary } from "../../../scales/summary.ts";
import { LEAN_COLS, LEAN_VALUES, type LeanText } from "../wgsl/lean-fields.ts";
import { MOST_RANKS, SCALE_FROM, STEP_SHIFT } from "../wgsl/lean-scale.ts";
import type { LeanWords } from "./lean.ts";
import { countedSummary } from "./scale-counts.ts";

/** What a pass says of a tile's scales. */
export interface FoundScales {
  /** How many have each rank. */
  ranks: Uint32Array;
  /** Those that were divided out, or their counts where those were counted there: see `scale-counts.ts`. */
  stored: Float32Array;
  counted: { counts: Uint32Array; count: number } | null;
  /** Blocks with a non-zero value and a scale of zero, among those that were divided out. */
  dead: number;
}

/** How the lean kernels find the scales of a plan, and what they found, tile by tile. */
export interface ScaleFinder {
  text: Pick<LeanText, "scaleFrom" | "bySteps">;
  words: Partial<LeanWords>;
  /** Steps, then by rank scales and their reciprocals, two words each; empty where scales are divided out or given. */
  steps: Uint32Array;
  /** Scales that are known beforehand. */
  given: Float32Array;
  /** Whether the kernels write what they store, block by block. */
  storedOnDevice: boolean;
  add(found: FoundScales): void;
  summary(): ScaleSummary;
}

const nothing = new Uint32Array(0);
const none = new Float32Array(1);

/** The finder for a tensor of this largest magnitude; null where a plan's scales need more than that of each block. */
export function scaleFinder(plan: Plan, amax: number): ScaleFinder | null {
  const { levels, grid } = plan;
  if (!hasPlainScales(plan)) return null;
  if (levels.length === 0) return known({ levels: [], dead: 0 }, SCALE_FROM.one, none);
  if (blockCount(grid) === 1) {
    const scales = scalesOf(plan, Float32Array.of(amax), amax);
    const one = {
      ...scales,
      levels: scales.levels.map((level) => ({ ...level, values: level.values.subarray(0, 1) })),
    };
    const dead = scales.effective[0] === 0 && amax > 0 ? 1 : 0;
    return known(summaryOf({ ...one, dead }), SCALE_FROM.given, scales.effective.subarray(0, 1));
  }
  const side = sideOf(plan);
  if (!side) return null;
  return dividing(plan, side) ?? stepping(plan, amax, side);
}

function known(summary: ScaleSummary, scaleFrom: LeanText["scaleFrom"], given: Float32Array): ScaleFinder {
  return {
    ...{ text: { scaleFrom, bySteps: false }, words: {}, steps: nothing, given, storedOnDevice: false },
    add: () => {},
    summary: () => summary,
  };
}

type Side = Pick<LeanText, "scaleFrom"> & { words: Partial<LeanWords> };

/** Where a block's largest magnitude comes from: threads side by side, or a pass over rows. */
function sideOf({ grid, cols }: Plan): Side | null {
  if (grid.flat || grid.blockRows !== 1) return null;
  if (grid.blockCols === cols) return { scaleFrom: SCALE_FROM.givenAmax, words: {} };
  const threads = grid.blockCols / LEAN_VALUES;
  if (!Number.isInteger(Math.log2(threads)) || grid.blockCols > LEAN_COLS || cols % grid.blockCols !== 0) return null;
  return { scaleFrom: SCALE_FROM.ownAmax, words: { block_threads: threads } };
}

const DIVISOR_BITS = 28;

/** Scales of many values: floats of up to 24 bits, and one level alone. */
function dividing({ levels }: Plan, { scaleFrom, words: side }: Side): ScaleFinder | null {
  const [{ format, rounding, rule, divisor, ladder }] = levels;
  if (levels.length > 1 || !isPlainRule(rule) || rounding.mode !== "rne") return null;
  const wide = format.kind === "identity";
  if (!wide && (format.kind !== "float" || format.mantissaBits < 7 || format.mantissaBits > 23 || !format.subnormals))
    return null;
  const exponent = Math.floor(Math.log2(divisor));
  const digits = divisor * 2 ** (DIVISOR_BITS - 1 - exponent);
  if (!Number.isInteger(digits) || digits >= 2 ** DIVISOR_BITS) return null;
  const most = ladder ? ladder.levels[ladder.levels.length - 1] : 0;
  const chunks: Float32Array[] = [];
  let all: FoundScales["counted"] = null;
  let dead = 0;
  return {
    text: { scaleFrom, bySteps: false },
    words: {
      ...side,
      divisor: digits,
      divisor_exponent: exponent,
      divisor_inverse: floatBits(Math.fround(1 / divisor)),
      significand_inverse: floatBits(Math.fround(2 ** exponent / divisor)),
      scale_mantissa: wide ? 23 : format.mantissaBits,
      scale_exponent: wide ? -126 : 1 - format.bias,
      scale_most: wide ? 0x7f7fffff : floatBits(most),
    },
    ...{ steps: nothing, given: none, storedOnDevice: true },
    add({ stored, counted, dead: more }) {
      chunks.push(stored);
      all = counted;
      dead += more;
    },
    summary: () => ({ levels: [all ? countedSummary(all.counts, all.count) : plainSummary(joined(chunks))], dead }),
  };
}

function joined(chunks: Float32Array[]): Float32Array {
  if (chunks.length === 1) return chunks[0];
  const all = new Float32Array(chunks.reduce((n, { length }) => n + length, 0));
  let at = 0;
  for (const chunk of chunks) {
    all.set(chunk, at);
    at += chunk.length;
  }
  return all;
}

const MOST_KEPT = 64;
/** By recipe and, where that matters, the tensor's largest magnitude. */
const kept = new Map<string, ScaleSteps | null>();
const LARGEST = (2 - 2 ** -23) * 2 ** 127;

/** One level alone has the same steps in every tensor, unless those of all magnitudes are too many: UE5M3 has one more. */
const stepsOf = (plan: Plan, amax: number): ScaleSteps | null =>
  (plan.levels.length === 1 ? keptSteps(plan, LARGEST) : null) ?? keptSteps(plan, amax);

function keptSteps(plan: Plan, amax: number): ScaleSteps | null {
  const key = `${plan.text} ${plan.levels.map(({ text, divisor }) => `${text} ${divisor}`).join()} ${amax}`;
  let steps = kept.get(key);
  if (steps === undefined) {
    if (kept.size === MOST_KEPT) kept.delete(kept.keys().next().value!);
    steps = scaleSteps(plan, amax, STEP_SHIFT);
    kept.set(key, steps);
  }
  return steps;
}

function stepping(plan: Plan, amax: number, { scaleFrom, words: side }: Side): ScaleFinder | null {
  const found = stepsOf(plan, amax);
  if (!found) return null;
  const { steps, stored, effective, outer } = found;
  const words = new Uint32Array(steps.length + 2 * MOST_RANKS);
  words.set(steps);
  effective.forEach((scale, rank) => {
    words[steps.length + 2 * rank] = floatBits(scale);
    words[steps.length + 2 * rank + 1] = floatBits(scale === 0 ? 0 : Math.fround(1 / scale));
  });
  const counts = new Float64Array(MOST_RANKS);
  return {
    text: { scaleFrom, bySteps: true },
    words: { ...side, ranks_at: steps.length / 2 },
    ...{ steps: words, given: none, storedOnDevice: false },
    add: ({ ranks }) => {
      for (let rank = 0; rank < MOST_RANKS; rank++) counts[rank] += ranks[rank];
    },
    summary() {
      let dead = 0;
      for (let rank = 1; rank < effective.length; rank++) if (effective[rank] === 0) dead += counts[rank];
      // Blocks of zeros are apart, and their scale need not be the least.
      const order = Array.from(stored.keys()).sort((a, b) => stored[a] - stored[b]);
      const values = Float32Array.from(order, (rank) => stored[rank]);
      const used = order.map((rank) => counts[rank]);
      return { levels: [countsSummary(values, used), ...outer.map(valuesSummary)], dead };
    },
  };
}

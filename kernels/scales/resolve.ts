import { blockCount, blockOf } from "../plan/blocks.ts";
import type { Plan } from "../plan/plan.ts";
import { readBlocks } from "./blocks.ts";
import { numeratorOf, numeratorsOf, rangeOf } from "./ideal.ts";
import { libraryScales } from "./libraries.ts";
import { overrideZeroBlocks, poison } from "./presets.ts";
import { product, saturate } from "./round.ts";
import type { BlockStatistics } from "./statistics.ts";
import { codeFinder, storeOf } from "./store.ts";
import { zeroPointOf } from "./zero-point.ts";

/** One level of stored scales, row-major over the level's grid. */
export interface StoredLevel {
  /** `null` for float32, whose bits are its code. */
  codes: Uint32Array | null;
  /** Values of the codes. */
  values: Float32Array;
  /** The double nearest to what each scale should be, before rounding into its format. */
  ideal: Float64Array;
}

/** Every scale of a plan, resolved from the statistics of a tensor. */
export interface Scales {
  levels: StoredLevel[];
  /** The scale in force a block of elements: the product of the stored levels, each product rounded to float32. */
  effective: Float32Array;
  /** For the arithmetic of a library: what elements are multiplied with (float32), or divided by; else empty. */
  reciprocal: Float32Array;
  /** Zero points of affine formats; else empty. Fractional ones are a solver's, and stored in a float format. */
  zeroPoints: Int32Array | Float32Array;
  /** What codes less their zero point must not exceed, a block; left out where nothing but their ends limits them. */
  limits?: Int32Array;
  /** Blocks with a non-zero value whose scale in force is zero. */
  dead: number;
  /** For block quantizers alone: the matrix as they store it, and what they add after scaling, a block of elements. */
  blocks?: { packed: Uint8Array; offsets: Float32Array };
}

/** Ideal scales as exact numerators (sums of two doubles) over one divisor. */
interface Ideals {
  hi: Float32Array | Float64Array;
  /** Low parts; empty where every numerator is a double. */
  lo: Float64Array;
  divisor: number;
}

/** What lies outside the scales of the elements: the scale in force over that of a block, and what is added to each product. */
export interface Outside {
  over(block: number): number;
  offset: number;
}

/**
 * Resolves all levels, outermost first, from the statistics of the whole tensor. Where only the scales in force are
 * wanted, `levels` is empty. With an `outside` that stands, a plan of the innermost level alone is resolved under it.
 */
export function resolveScales(
  plan: Plan,
  stats: BlockStatistics,
  wanted: "all" | "in force" = "all",
  outside: Outside | null = null,
): Scales {
  if (plan.levels.length === 0) {
    const one = Float32Array.of(1);
    return { levels: [], effective: one, reciprocal: one, zeroPoints: new Int32Array(0), dead: 0 };
  }
  if (plan.codec) return readBlocks(plan.codec, stats);
  const { arith } = plan.element;
  if (arith !== "exact") {
    const scales = libraryScales(arith, plan, stats);
    if (plan.element.nonfinite === "poison") poison(plan, stats, scales.effective, scales.levels[0]);
    return { ...scales, zeroPoints: new Int32Array(0), dead: countDead(scales.effective, stats) };
  }
  const levels: StoredLevel[] = [];
  const shown = wanted === "all";
  const ideals = elementIdeals(plan, stats);
  const { effective, over } = resolveLevel(plan, 0, ideals, levels, shown, stats.stored, outside);
  overrideZeroBlocks(plan, stats, effective, over, levels[0]);
  if (plan.element.nonfinite === "poison") poison(plan, stats, effective, levels[0]);
  const zeroPoints = new Int32Array(plan.element.affine ? effective.length : 0);
  const lows = stats.clip.length > 0 ? stats.clipLow : stats.min;
  if (stats.zero.length > 0) zeroPoints.set(stats.zero);
  else for (let b = 0; b < zeroPoints.length; b++) zeroPoints[b] = zeroPointOf(plan, lows[b], effective[b]);
  const dead = countDead(effective, stats);
  return { levels: shown ? levels : [], effective, reciprocal: new Float32Array(0), zeroPoints, dead };
}

/** Blocks with a non-zero value whose scale in force is zero. */
function countDead(effective: Float32Array, { amax }: BlockStatistics): number {
  let dead = 0;
  for (let b = 0; b < effective.length; b++) if (effective[b] === 0 && amax[b] > 0) dead++;
  return dead;
}

/** What the scales of the elements should be, from the statistics of their blocks. */
function elementIdeals(plan: Plan, stats: BlockStatistics): Ideals {
  const [level] = plan.levels;
  const { divisor } = level;
  const clips = stats.clip.length > 0 ? stats.clip : stats.signed.length > 0 ? stats.signed : stats.amax;
  const none = new Float64Array(0);
  if (!plan.element.affine) {
    return { hi: numeratorsOf(level, clips), lo: none, divisor };
  }
  const [lows, highs] = stats.clip.length > 0 ? [stats.clipLow, stats.clip] : [stats.min, stats.max];
  const n = blockCount(plan.grid);
  const ideals = { hi: new Float64Array(n), lo: new Float64Array(n), divisor };
  for (let b = 0; b < n; b++) {
    const { hi, lo } = rangeOf(lows[b], highs[b]);
    ideals.hi[b] = hi;
    ideals.lo[b] = lo;
  }
  return ideals;
}

/**
 * One level and, before it, the levels outside it. The level outside scales the very numerators of this one, so that
 * its own ideal is their largest over the product of the divisors. `over` gives the scale in force outside that of a block.
 * `found` are the stored scales of this level where a search found them; their ideals are not known (NaN). `outside` stands in
 * for the levels outside where they are known.
 */
function resolveLevel(
  plan: Plan,
  depth: number,
  ideals: Ideals,
  out: StoredLevel[],
  shown: boolean,
  found: Float32Array = NONE,
  outside: Outside | null = null,
): { effective: Float32Array; over: ((block: number) => number) | null; offset: number } {
  const level = plan.levels[depth];
  const next = plan.levels[depth + 1];
  const n = ideals.hi.length;
  const stored: StoredLevel = {
    codes: level.ladder && shown ? new Uint32Array(n) : null,
    values: new Float32Array(n),
    ideal: new Float64Array(shown ? n : 0),
  };
  out[depth] = stored;
  const offset = outside ? outside.offset : level.offset === "mean" ? meanOf(ideals) : 0;
  const inner = offset === 0 ? ideals : inFloat32(ideals, offset);
  const { hi, lo, divisor } = inner;
  const outer = next && !outside ? resolveOuter(plan, depth + 1, inner, out, shown).effective : null;
  const over = outside ? outside.over : outer && outerOf(plan, depth, outer);
  const effective = new Float32Array(n);
  const store = storeOf(level, depth);
  const codeOf = codeFinder(level);
  const { values, codes, ideal } = stored;
  const { gridCols } = level.grid;
  for (let row = 0, b = 0; b < n; row++) {
    for (let col = 0; col < gridCols; col++, b++) {
      const low = lo.length > 0 ? lo[b] : 0;
      const above = outside ? outside.over(b) : outer ? outer[blockOf(next.grid, row, col)] : 1;
      // A zero outside leaves nothing but zero.
      let value: number;
      if (found.length > 0) value = found[b];
      else value = above === 0 ? store(0, 0, 1, b) : store(hi[b], low, divisor * above, b);
      values[b] = value;
      if (codes) codes[b] = codeOf(value);
      if (shown && above !== 0) ideal[b] = found.length > 0 ? Number.NaN : (hi[b] + low) / divisor / above;
      effective[b] = Math.fround((over ? product(value, above) : saturate(Math.fround(value))) + offset);
    }
  }
  return { effective, over, offset };
}

const NONE = new Float32Array(0);

/** The scale in force over each block of a level, from those of the blocks of the level outside. */
function outerOf(plan: Plan, depth: number, outer: Float32Array): (block: number) => number {
  const { gridCols } = plan.levels[depth].grid;
  const { grid } = plan.levels[depth + 1];
  return (block) => outer[blockOf(grid, Math.floor(block / gridCols), block % gridCols)];
}

/**
 * What lies outside the scales of the elements, which a search takes as it is: the scales in force of the next level (1
 * without one), and what is added to each product. null where there is neither.
 */
export function outsideOf(plan: Plan, stats: BlockStatistics): Outside | null {
  if (plan.levels.length < 2 && plan.levels[0].offset === "none") return null;
  const { over, offset } = resolveLevel(plan, 0, elementIdeals(plan, stats), [], false);
  return { over: over ?? (() => 1), offset };
}

/** The mean of the ideal scales as float32. */
function meanOf({ hi, divisor }: Ideals): number {
  let sum = 0;
  for (const v of hi) sum += v / divisor;
  return Math.fround(sum / hi.length);
}

/** Ideal scales rounded to float32, and less the offset. */
function inFloat32({ hi, lo, divisor }: Ideals, offset: number): Ideals {
  const rounded = Float64Array.from(hi, (v, b) => Math.fround(Math.fround((v + (lo[b] ?? 0)) / divisor) - offset));
  return { hi: rounded, lo: new Float64Array(0), divisor: 1 };
}

/** The level outside: its blocks are laid over the ideal scales inside. */
function resolveOuter(
  plan: Plan,
  depth: number,
  { hi: inner, lo: low, divisor }: Ideals,
  out: StoredLevel[],
  shown: boolean,
): { effective: Float32Array } {
  const level = plan.levels[depth];
  const { rows, cols } = level.grid;
  const clips = new Float64Array(blockCount(level.grid));
  // The low parts of affine numerators, which are never negative.
  const lows = new Float64Array(low.length > 0 ? clips.length : 0);
  for (let row = 0, i = 0; row < rows; row++) {
    for (let col = 0; col < cols; col++, i++) {
      const b = blockOf(level.grid, row, col);
      const ideal = divisor < 0 ? -inner[i] : inner[i];
      const [m, so] = [Math.abs(ideal), Math.abs(clips[b])];
      if (m > so || (lows.length > 0 && m === so && low[i] > lows[b])) {
        clips[b] = level.divisor < 0 ? ideal : m;
        if (lows.length > 0) lows[b] = low[i];
      }
    }
  }
  const over = Math.abs(divisor) * level.divisor;
  if (!level.rule.exponent) return resolveLevel(plan, depth, { hi: clips, lo: lows, divisor: over }, out, shown);
  const powers = clips.map((c) => numeratorOf(level, c / Math.abs(divisor)) * Math.abs(divisor));
  return resolveLevel(plan, depth, { hi: powers, lo: new Float64Array(0), divisor: over }, out, shown);
}

import { blockCount, blockOf } from "../plan/blocks.ts";
import type { Plan, ScaleLevel } from "../plan/plan.ts";
import { idealOf, mxNumerator } from "./ideal.ts";
import { overrideZeroBlocks, poison, reciprocals } from "./presets.ts";
import { product, roundScale, saturate } from "./round.ts";
import type { BlockStatistics } from "./statistics.ts";
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
  /** float32 reciprocals for presets that multiply; else empty. */
  reciprocal: Float32Array;
  /** Zero points of affine formats; else empty. */
  zeroPoints: Int32Array;
  /** Blocks with a non-zero value whose scale in force is zero. */
  dead: number;
}

/** Ideal scales as exact numerators (sums of two doubles) over one divisor. */
interface Ideals {
  hi: Float64Array;
  /** Low parts; empty where every numerator is a double. */
  lo: Float64Array;
  divisor: number;
}

/** Resolves all levels, outermost first, from the statistics of the whole tensor. */
export function resolveScales(plan: Plan, stats: BlockStatistics): Scales {
  if (plan.levels.length === 0) {
    const one = Float32Array.of(1);
    return { levels: [], effective: one, reciprocal: one, zeroPoints: new Int32Array(0), dead: 0 };
  }
  const levels: StoredLevel[] = [];
  const { effective, outer } = resolveLevel(plan, 0, elementIdeals(plan, stats), levels);
  overrideZeroBlocks(plan, stats, effective, outer, levels[0]);
  if (plan.element.nonfinite === "poison") poison(plan, stats, effective, levels[0]);
  let dead = 0;
  for (let b = 0; b < effective.length; b++) if (effective[b] === 0 && stats.amax[b] > 0) dead++;
  const zeroPoints = new Int32Array(plan.element.affine ? effective.length : 0);
  for (let b = 0; b < zeroPoints.length; b++) {
    zeroPoints[b] = zeroPointOf(plan, plan.wholeBlocks ? stats.clipLow[b] : stats.min[b], effective[b]);
  }
  return { levels, effective, reciprocal: reciprocals(plan, effective, outer, levels[0]), zeroPoints, dead };
}

/** What the scales of the elements should be, from the statistics of their blocks. */
function elementIdeals(plan: Plan, stats: BlockStatistics): Ideals {
  const n = blockCount(plan.grid);
  const { affine } = plan.element;
  const ideals = { hi: new Float64Array(n), lo: new Float64Array(affine ? n : 0), divisor: plan.levels[0].divisor };
  const clips = plan.wholeBlocks ? stats.clip : stats.signed.length > 0 ? stats.signed : stats.amax;
  const [lows, highs] = plan.wholeBlocks ? [stats.clipLow, stats.clip] : [stats.min, stats.max];
  for (let b = 0; b < n; b++) {
    const { hi, lo } = affine ? idealOf(plan, 0, lows[b], highs[b]) : idealOf(plan, clips[b], 0, 0);
    ideals.hi[b] = hi;
    if (affine) ideals.lo[b] = lo;
  }
  return ideals;
}

/**
 * One level and, before it, the levels outside it. The level outside scales the very numerators of this one, so that
 * its own ideal is their largest over the product of the divisors. `outer` is its scales in force.
 */
function resolveLevel(
  plan: Plan,
  depth: number,
  ideals: Ideals,
  out: StoredLevel[],
): { effective: Float32Array; outer: Float32Array | null } {
  const level = plan.levels[depth];
  const next = plan.levels[depth + 1];
  const n = ideals.hi.length;
  const stored: StoredLevel = {
    codes: level.ladder ? new Uint32Array(n) : null,
    values: new Float32Array(n),
    ideal: new Float64Array(n),
  };
  out[depth] = stored;
  const library = plan.element.arith !== "exact";
  const offset = level.offset === "mean" ? meanOf(ideals) : 0;
  const { hi, lo, divisor } = offset === 0 && !library ? ideals : inFloat32(ideals, offset);
  const outer = next ? resolveOuter(plan, depth + 1, offset === 0 ? ideals : { hi, lo, divisor }, out).effective : null;
  const effective = new Float32Array(n);
  for (let b = 0; b < n; b++) {
    const over = outer ? outer[blockOf(next.grid, Math.floor(b / level.grid.gridCols), b % level.grid.gridCols)] : 1;
    const low = lo[b] ?? 0;
    stored.ideal[b] = over === 0 ? 0 : (hi[b] + low) / divisor / over;
    const { code, value } = storeScale(level, depth, b, hi[b], low, divisor, over, library && outer !== null);
    stored.values[b] = value;
    if (stored.codes) stored.codes[b] = code;
    effective[b] = Math.fround((outer ? product(value, over) : saturate(Math.fround(value))) + offset);
  }
  return { effective, outer };
}

/** Rounds one ideal scale over the scale outside it; a zero outside leaves nothing but zero. */
function storeScale(
  level: ScaleLevel,
  depth: number,
  block: number,
  hi: number,
  lo: number,
  divisor: number,
  over: number,
  divideInFloat32: boolean,
): { code: number; value: number } {
  if (over === 0) return roundScale(level, 0, 0, 1, depth, block);
  if (divideInFloat32) return roundScale(level, Math.fround(hi / over), 0, 1, depth, block);
  return roundScale(level, hi, lo, divisor * over, depth, block);
}

/** The mean of the ideal scales as float32. */
function meanOf({ hi, divisor }: Ideals): number {
  return Math.fround(hi.reduce((sum, v) => sum + v / divisor, 0) / hi.length);
}

/** Ideal scales as a library has them: rounded to float32, and less the offset. */
function inFloat32({ hi, lo, divisor }: Ideals, offset: number): Ideals {
  const rounded = hi.map((v, b) => Math.fround(Math.fround((v + (lo[b] ?? 0)) / divisor) - offset));
  return { hi: rounded, lo: new Float64Array(0), divisor: 1 };
}

/** The level outside: its blocks are laid over the ideal scales inside. */
function resolveOuter(
  plan: Plan,
  depth: number,
  { hi: inner, lo: low, divisor }: Ideals,
  out: StoredLevel[],
): { effective: Float32Array } {
  const level = plan.levels[depth];
  const clips = new Float64Array(blockCount(level.grid));
  // The low parts of affine numerators, which are never negative.
  const lows = new Float64Array(low.length > 0 ? clips.length : 0);
  for (let i = 0; i < inner.length; i++) {
    const b = blockOf(level.grid, Math.floor(i / level.grid.cols), i % level.grid.cols);
    const ideal = divisor < 0 ? -inner[i] : inner[i];
    const [m, so] = [Math.abs(ideal), Math.abs(clips[b])];
    if (m > so || (m === so && low[i] > lows[b])) {
      clips[b] = level.divisor < 0 ? ideal : m;
      if (lows.length > 0) lows[b] = low[i];
    }
  }
  const outerDivisor = Math.abs(divisor) * level.divisor;
  if (level.rule.name !== "mx") return resolveLevel(plan, depth, { hi: clips, lo: lows, divisor: outerDivisor }, out);
  const powers = clips.map((c) => mxNumerator(level, c / Math.abs(divisor)) * Math.abs(divisor));
  return resolveLevel(plan, depth, { hi: powers, lo: new Float64Array(0), divisor: outerDivisor }, out);
}

import { exponentOf } from "../exact/bits.ts";
import { dividesExactly, ratioToFloat32 } from "../exact/ratio.ts";
import { infinityCode, nanCode } from "../formats/codes.ts";
import { ladderOf } from "../formats/ladder.ts";
import { blockCount, blockOf } from "../plan/blocks.ts";
import type { Plan, ScaleLevel } from "../plan/plan.ts";
import { scaleStream } from "../random/streams.ts";
import { roundOnLadder } from "../rounding/on-ladder.ts";
import { buildRounding } from "../rounding/rounding.ts";
import type { BlockStatistics } from "./statistics.ts";

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

/** An ideal scale as a numerator (exact sum of two doubles) over the level's divisor. */
interface Ideal {
  hi: number;
  lo: number;
}

/** The numerator of a block's ideal scale, from its clip or its ends. Over the level's divisor it is the ideal scale. */
export function idealOf(plan: Plan, clip: number, low: number, high: number): Ideal {
  if (plan.element.affine) {
    // max - min as an exact sum of two doubles (Knuth's TwoSum).
    const b = -low;
    const s = high + b;
    const bb = s - high;
    return { hi: s, lo: high - (s - bb) + (b - bb) };
  }
  return { hi: mxNumerator(plan.levels[0], clip), lo: 0 };
}

/** Under ~mx the ideal is a power of two: written as a numerator over the same divisor. Otherwise the clip itself. */
function mxNumerator(level: ScaleLevel, clip: number): number {
  if (level.rule.name !== "mx" || clip === 0) return clip;
  const e = exponentOf(clip);
  const significand = Math.abs(clip) * 2 ** -e;
  const { format, maxAbs } = level.inner;
  let up = 0;
  if (level.rule.how === "ceil") up = significand > 1 ? 1 : 0;
  if (level.rule.how === "even") {
    const fraction = format.kind === "float" ? format.mantissaBits : format.kind === "integer" ? format.bits - 2 : 0;
    up = significand >= 2 - 2 ** -(fraction + 1) ? 1 : 0;
  }
  return 2 ** (e + up - exponentOf(maxAbs)) * level.divisor;
}

/** z = RNE(-min/s), kept in the range of the codes and sent through its own format. */
export function zeroPointOf(plan: Plan, low: number, scale: number): number {
  const { format, integer, zeroPoint } = { ...plan.element, integer: plan.element.integer! };
  if (scale === 0 || Number.isNaN(scale)) return 0;
  const q = -low / scale;
  const floor = Math.floor(q);
  const up = q - floor > 0.5 || (q - floor === 0.5 && floor % 2 !== 0);
  const z = Math.min(integer.max, Math.max(0, up ? floor + 1 : floor));
  const storage = zeroPoint!.format;
  if (storage.kind === "identity" || storage === format) return z;
  const ladder = ladderOf(storage);
  const rank = roundOnLadder(ladder, ladder.middles, buildRounding(null), quotientOf(z, 0, 1), {
    stream: 0,
    index: 0,
  });
  return ladder.levels[Math.min(ladder.levels.length - 1, Math.max(0, rank))];
}

function quotientOf(hi: number, lo: number, denominator: number) {
  const q = (hi + lo) / denominator;
  // Shared exponents meet their levels exactly, and need no long arithmetic to say so.
  const delicate = lo !== 0 || !dividesExactly(hi, denominator, q);
  return { q, numerator: lo === 0 ? [hi] : [hi, lo], denominator, delicate };
}

/** The largest finite float32. */
const MAX_FLOAT32 = (2 - 2 ** -23) * 2 ** 127;

/**
 * Scales saturate in float32 as they do in any other format: an infinite one would turn its block into NaN. A zero is
 * plus zero whatever it was divided by.
 */
const saturate = (s: number) => Math.max(-MAX_FLOAT32, Math.min(MAX_FLOAT32, s)) + 0;

/** The product of two stored scales as float32. */
const product = (a: number, b: number) => saturate(Math.fround(a * b));

/** An ideal scale rounded once into the format of its level; saturating. The divisor may be a product. */
export function roundScale(
  level: ScaleLevel,
  hi: number,
  lo: number,
  divisor: number,
  depth: number,
  index: number,
): { code: number; value: number } {
  const raised = level.least > 0 && (hi + lo) / divisor < level.least;
  const x = raised ? quotientOf(level.least, 0, 1) : quotientOf(hi, lo, divisor);
  if (!level.ladder) {
    return { code: 0, value: raised ? Math.fround(level.least) : saturate(ratioToFloat32(hi, lo, divisor)) };
  }
  const place = { stream: scaleStream(depth), index };
  const rank = roundOnLadder(level.ladder, level.ladder.middles, level.rounding, x, place);
  const inside = Math.min(level.ladder.levels.length - 1, Math.max(0, rank));
  return { code: level.ladder.codes[inside], value: level.ladder.levels[inside] };
}

/** Resolves all levels, outermost first, from the statistics of the whole tensor. */
export function resolveScales(plan: Plan, stats: BlockStatistics): Scales {
  if (plan.levels.length === 0) {
    return {
      levels: [],
      effective: Float32Array.of(1),
      reciprocal: Float32Array.of(1),
      zeroPoints: new Int32Array(0),
      dead: 0,
    };
  }
  const n = blockCount(plan.grid);
  const hi = new Float64Array(n);
  const lo = new Float64Array(plan.element.affine ? n : 0);
  const clips = plan.wholeBlocks ? stats.clip : stats.signed.length > 0 ? stats.signed : stats.amax;
  for (let b = 0; b < n; b++) {
    const low = plan.element.affine ? (plan.wholeBlocks ? stats.clipLow[b] : stats.min[b]) : 0;
    const high = plan.element.affine ? (plan.wholeBlocks ? stats.clip[b] : stats.max[b]) : 0;
    const ideal = idealOf(plan, clips[b], low, high);
    hi[b] = ideal.hi;
    if (plan.element.affine) lo[b] = ideal.lo;
  }
  const levels: StoredLevel[] = [];
  const { effective, outer } = resolveLevel(plan, 0, hi, lo, plan.levels[0].divisor, levels);
  overrideZeroBlocks(plan, stats, effective, outer, levels[0]);
  if (plan.element.nonfinite === "poison") poison(plan, stats, effective, levels[0]);
  let dead = 0;
  for (let b = 0; b < n; b++) if (effective[b] === 0 && stats.amax[b] > 0) dead++;
  const zeroPoints = new Int32Array(plan.element.affine ? n : 0);
  for (let b = 0; b < zeroPoints.length; b++) {
    zeroPoints[b] = zeroPointOf(plan, plan.wholeBlocks ? stats.clipLow[b] : stats.min[b], effective[b]);
  }
  return { levels, effective, reciprocal: reciprocals(plan, effective, outer, levels[0]), zeroPoints, dead };
}

/**
 * One level and, before it, the levels outside it. `hi` + `lo` over `divisor` are the ideal scales of this level; the
 * level outside scales those very numbers, so that its own ideal is their largest over the product of the divisors.
 */
function resolveLevel(
  plan: Plan,
  depth: number,
  hi: Float64Array,
  lo: Float64Array,
  divisor: number,
  out: StoredLevel[],
) {
  const level = plan.levels[depth];
  const next = plan.levels[depth + 1];
  const n = hi.length;
  const stored: StoredLevel = {
    codes: level.ladder ? new Uint32Array(n) : null,
    values: new Float32Array(n),
    ideal: new Float64Array(n),
  };
  out[depth] = stored;
  const library = plan.element.arith !== "exact";
  const offset = level.offset === "mean" ? Math.fround(hi.reduce((s, v) => s + v / divisor, 0) / n) : 0;
  const shifted =
    offset === 0 && !library ? hi : hi.map((v, i) => Math.fround(Math.fround((v + (lo[i] ?? 0)) / divisor) - offset));
  const unit = shifted === hi ? divisor : 1;
  const outer = next
    ? offset === 0
      ? resolveOuter(plan, depth + 1, hi, lo, divisor, out)
      : resolveOuter(plan, depth + 1, shifted, new Float64Array(0), unit, out)
    : null;
  const effective = new Float32Array(n);
  for (let b = 0; b < n; b++) {
    const over = outer
      ? outer.effective[blockOf(next.grid, Math.floor(b / level.grid.gridCols), b % level.grid.gridCols)]
      : 1;
    stored.ideal[b] = over === 0 ? 0 : (shifted[b] + (shifted === hi ? (lo[b] ?? 0) : 0)) / unit / over;
    const low = shifted === hi ? (lo[b] ?? 0) : 0;
    const x =
      library && outer && over !== 0
        ? roundScale(level, Math.fround(shifted[b] / over), 0, 1, depth, b)
        : over === 0
          ? roundScale(level, 0, 0, 1, depth, b)
          : roundScale(level, shifted[b], low, unit * over, depth, b);
    stored.values[b] = x.value;
    if (stored.codes) stored.codes[b] = x.code;
    effective[b] = outer
      ? Math.fround(product(x.value, over) + offset)
      : Math.fround(saturate(Math.fround(x.value)) + offset);
  }
  return { effective, outer };
}

/** The level outside: its blocks are laid over the ideal scales inside. */
function resolveOuter(
  plan: Plan,
  depth: number,
  inner: Float64Array,
  low: Float64Array,
  divisor: number,
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
  if (level.rule.name !== "mx") return resolveLevel(plan, depth, clips, lows, outerDivisor, out);
  const powers = clips.map((c) => mxNumerator(level, c / Math.abs(divisor)) * Math.abs(divisor));
  return resolveLevel(plan, depth, powers, new Float64Array(0), outerDivisor, out);
}

/** Presets give an all-zero block a scale of their own. */
function overrideZeroBlocks(
  plan: Plan,
  stats: BlockStatistics,
  effective: Float32Array,
  outer: { effective: Float32Array } | null,
  stored: StoredLevel,
): void {
  const wanted = plan.element.zeroScale;
  const level = plan.levels[0];
  if (wanted === null) return;
  const least = level.ladder ? (level.ladder.levels.find((v) => v > 0) ?? 0) : 2 ** -149;
  const rounded = roundScale(level, wanted === "min" ? least : wanted, 0, 1, 0, 0);
  for (let b = 0; b < effective.length; b++) {
    if (stats.amax[b] !== 0 || stats.bad[b]) continue;
    stored.values[b] = rounded.value;
    if (stored.codes) stored.codes[b] = rounded.code;
    effective[b] = outer ? product(rounded.value, outerOf(plan, outer.effective, b)) : rounded.value;
  }
}

function outerOf(plan: Plan, outer: Float32Array, block: number): number {
  const { gridCols } = plan.levels[0].grid;
  return outer[blockOf(plan.levels[1].grid, Math.floor(block / gridCols), block % gridCols)];
}

/** A block that holds NaN or Inf becomes NaN as a whole. */
function poison(plan: Plan, stats: BlockStatistics, effective: Float32Array, stored: StoredLevel): void {
  const { format } = plan.levels[0];
  const code = nanCode(format) ?? infinityCode(format);
  for (let b = 0; b < effective.length; b++) {
    if (!stats.bad[b]) continue;
    effective[b] = Number.NaN;
    stored.values[b] = Number.NaN;
    if (stored.codes && code !== null) stored.codes[b] = code;
  }
}

/** The float32 reciprocals that bitsandbytes and torchao multiply with. */
function reciprocals(
  plan: Plan,
  effective: Float32Array,
  outer: { effective: Float32Array } | null,
  stored: StoredLevel,
): Float32Array {
  const { arith } = plan.element;
  if (arith === "exact") return new Float32Array(0);
  if (arith === "bnb" || !outer) return effective.map((s) => (s === 0 ? 0 : 1 / s));
  return effective.map((_, b) => Math.fround(1 / outerOf(plan, outer.effective, b)) / stored.values[b]);
}

/**
 * Scales in force without what a report shows of them (codes, ideals, every level's values). Most scales are decided by a
 * double quotient with room to spare on both sides; those that are not go the exact way.
 */
import { highWord } from "../exact/bits.ts";
import { ratioToFloat32 } from "../exact/ratio.ts";
import type { FloatFormat } from "../formats/types.ts";
import { blockCount, blockOf } from "../plan/blocks.ts";
import type { Plan, ScaleLevel } from "../plan/plan.ts";
import { idealOf } from "../scales/ideal.ts";
import { resolveScales, type Scales } from "../scales/resolve.ts";
import { product, roundScale, saturate } from "../scales/round.ts";
import type { BlockStatistics } from "../scales/statistics.ts";
import { zeroPointOf } from "../scales/zero-point.ts";
import { rankOn, staircase } from "./thresholds.ts";

/** How far a double quotient of a sum of two doubles may lie from the exact one, generously. */
const MORE = 1 + 2 ** -50;
const LESS = 1 - 2 ** -50;

/** The stored value of an ideal scale, (hi + lo) / divisor. */
type Store = (hi: number, lo: number, divisor: number, index: number) => number;

/** Scales as `resolveScales` finds them; `levels` is empty. */
export function sweepScales(plan: Plan, stats: BlockStatistics): Scales {
  if (!isOrdinary(plan)) return { ...resolveScales(plan, stats), levels: [] };
  const [level, next] = plan.levels;
  const n = blockCount(plan.grid);
  const { affine } = plan.element;
  const clips = plan.wholeBlocks ? stats.clip : stats.amax;
  const [lows, highs] = plan.wholeBlocks ? [stats.clipLow, stats.clip] : [stats.min, stats.max];
  const [hi, lo] = numerators(n, affine);
  const plain = !affine && level.rule.name !== "mx";
  for (let b = 0; b < n; b++) {
    if (plain) hi[b] = clips[b];
    else {
      const ideal = affine ? idealOf(plan, 0, lows[b], highs[b]) : idealOf(plan, clips[b], 0, 0);
      hi[b] = ideal.hi;
      if (affine) lo[b] = ideal.lo;
    }
  }
  const outer = next ? outerScales(next, level.divisor, hi, lo) : null;
  const store = storeOf(level, 0);
  const effective = new Float32Array(n);
  const { gridCols } = level.grid;
  let dead = 0;
  for (let r = 0, b = 0; b < n; r++) {
    for (let c = 0; c < gridCols && b < n; c++, b++) {
      const low = affine ? lo[b] : 0;
      if (!outer) effective[b] = saturate(Math.fround(store(hi[b], low, level.divisor, b)));
      else {
        const over = outer[blockOf(next.grid, r, c)];
        effective[b] = product(over === 0 ? store(0, 0, 1, b) : store(hi[b], low, level.divisor * over, b), over);
      }
      if (effective[b] === 0 && stats.amax[b] > 0) dead++;
    }
  }
  const zeroPoints = new Int32Array(affine ? n : 0);
  for (let b = 0; b < zeroPoints.length; b++) zeroPoints[b] = zeroPointOf(plan, lows[b], effective[b]);
  return { levels: [], effective, reciprocal: new Float32Array(0), zeroPoints, dead };
}

const scratch = { hi: new Float64Array(0), lo: new Float64Array(0) };

/** Room for the numerators of n ideals, used again by the next recipe: megabytes that need not be collected. */
function numerators(n: number, affine: boolean): [hi: Float64Array, lo: Float64Array] {
  if (scratch.hi.length < n) scratch.hi = new Float64Array(n);
  if (affine && scratch.lo.length < n) scratch.lo = new Float64Array(n);
  return [scratch.hi, affine ? scratch.lo : new Float64Array(0)];
}

/** One or two levels without options of libraries. */
function isOrdinary({ element, levels }: Plan): boolean {
  const { arith, zeroScale, nonfinite } = element;
  const simple = (level: ScaleLevel) => level.divisor > 0 && level.offset === "none" && level.least === 0;
  const few = levels.length === 1 || (levels.length === 2 && levels[1].rule.name === "absmax");
  return few && levels.every(simple) && arith === "exact" && zeroScale === null && nonfinite === "skip";
}

/** The scales in force of the outer level, whose blocks are laid over the numerators of the inner one. */
function outerScales(level: ScaleLevel, divisor: number, hi: Float64Array, lo: Float64Array): Float32Array {
  const clips = new Float64Array(blockCount(level.grid));
  const lows = new Float64Array(clips.length);
  const { rows, cols } = level.grid;
  for (let r = 0, i = 0; r < rows; r++) {
    for (let c = 0; c < cols; c++, i++) {
      const b = blockOf(level.grid, r, c);
      const low = lo.length > 0 ? lo[i] : 0;
      if (hi[i] > clips[b] || (hi[i] === clips[b] && low > lows[b])) {
        clips[b] = hi[i];
        lows[b] = low;
      }
    }
  }
  const store = storeOf(level, 1);
  return Float32Array.from(clips, (clip, b) => saturate(Math.fround(store(clip, lows[b], divisor * level.divisor, b))));
}

const exact =
  (level: ScaleLevel, depth: number): Store =>
  (hi, lo, divisor, index) =>
    roundScale(level, hi, lo, divisor, depth, index).value;

function storeOf(level: ScaleLevel, depth: number): Store {
  const { format, ladder, rounding } = level;
  if (!ladder) return (hi, lo, divisor) => saturate(ratioToFloat32(hi, lo, divisor));
  const careful = exact(level, depth);
  const round = format.kind === "float" && rounding.mode === "rne" ? floatRounder(format) : null;
  if (round) {
    const [least, most] = [ladder.levels[0], ladder.levels[ladder.levels.length - 1]];
    return (hi, lo, divisor, index) => {
      const q = (hi + lo) / divisor;
      const value = round(q * MORE);
      if (value !== round(q * LESS)) return careful(hi, lo, divisor, index);
      return Math.min(most, Math.max(least, value));
    };
  }
  const stairs = staircase({ ladder, rounding, middles: ladder.middles });
  if (!stairs) return careful;
  return (hi, lo, divisor, index) => {
    const q = (hi + lo) / divisor;
    const rank = rankOn(stairs, q * MORE);
    return rank === rankOn(stairs, q * LESS) ? ladder.levels[rank] : careful(hi, lo, divisor, index);
  };
}

/** By biased exponent of a double, the number that has no room for less than a quantum: 1.5 * 2^52 quanta. */
const magics = new Map<string, Float64Array>();

/** Rounds to the nearest value of a float without bounds above, ties to even; null where it has no fraction. */
function floatRounder({ mantissaBits, bias, subnormals }: FloatFormat): ((q: number) => number) | null {
  if (mantissaBits === 0 || !subnormals) return null;
  const key = `${mantissaBits} ${bias}`;
  const least = 1 - bias;
  const magic =
    magics.get(key) ??
    Float64Array.from(
      { length: 2048 },
      (_, e) => 1.5 * 2 ** (52 + Math.min(900, Math.max(least, e - 1023)) - mantissaBits),
    );
  magics.set(key, magic);
  return (q) => {
    const big = magic[(highWord(q) >>> 20) & 0x7ff];
    return q + big - big;
  };
}

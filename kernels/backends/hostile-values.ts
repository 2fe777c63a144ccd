import { floatBits, floatFromBits } from "../exact/bits.ts";
import { parseRecipe } from "../notation/index.ts";
import { blockOf } from "../plan/blocks.ts";
import { prepareRecipe } from "../prepare/prepare.ts";
import { threefry2x32 } from "../random/threefry.ts";
import { resolveScales } from "../scales/resolve.ts";
import { searchBlocks } from "../scales/search.ts";
import { addStatistics, makeStatistics } from "../scales/statistics.ts";

/** Values that arithmetic which is only nearly right gets wrong. */

const SPECIAL = [0, 0x80000000, 1, 0x80000001, 0x7fffff, 0x800000, 0x7f800000, 0xff800000, 0x7fc00000, 0xffc00001];
const SUBNORMALS = [1, 0x80000003, 0x7fffff, 0x807ffffe, 0x800000, 0x400000, 0x80000000];
const HUGE = [0x7f7fffff, 0xff7fffff, 0x7f000000, 1, 0x80000001];

const word = new Uint32Array(2);
function draw(index: number): number {
  threefry2x32(0x5e1f, 0xc4ec, index, 0, word);
  return word[0];
}

/** Values of many binades around one, a few of them far larger: ordinary weights. */
export function plainValues(count: number): Float32Array {
  return Float32Array.from({ length: count }, (_, i) => {
    const bits = draw(i);
    const exponent = 119 + ((bits >>> 3) & 7) + (bits % 61 === 0 ? 5 : 0);
    return floatFromBits(((bits & 0x80000000) | (exponent << 23) | (bits >>> 9)) >>> 0);
  });
}

/** Plain values with every seventh replaced from a list. */
function sprinkled(count: number, list: number[]): Float32Array {
  return plainValues(count).map((x, i) => (i % 7 === 3 ? floatFromBits(list[Math.floor(i / 7) % list.length]) : x));
}

export const specialValues = (count: number) => sprinkled(count, SPECIAL);
export const hugeValues = (count: number) => sprinkled(count, HUGE);
/** Plain values times a power of two, all of them faint or huge. */
export const plainTimes = (exponent: number) => (count: number) => plainValues(count).map((x) => x * 2 ** exponent);
/** Zeros, subnormals and the smallest normal numbers alone. */
export const subnormalValues = (count: number) =>
  Float32Array.from({ length: count }, (_, i) => floatFromBits(SUBNORMALS[draw(i) % SUBNORMALS.length]));
/** Any bit pattern at all. */
export const anyValues = (count: number) => Float32Array.from({ length: count }, (_, i) => floatFromBits(draw(i)));

/** The float32 `steps` further from zero. */
const stepped = (x: number, steps: number) => floatFromBits((floatBits(x) + steps) >>> 0);

/**
 * Replaces three of four values by levels and middles between levels, times the scale that their block has, or by one of
 * their two neighbours: the closest calls a rounding can meet. The scales stay nearly as they were.
 */
export function nearTies(recipe: string, values: Float32Array, rows: number, cols: number): Float32Array {
  const plan = prepareRecipe(parseRecipe(recipe), [], rows, cols);
  const { ladder } = plan.element;
  if (!ladder) return values;
  const stats = makeStatistics(plan);
  if (plan.levels.length > 0) addStatistics(plan, values, 0, rows, stats);
  if (plan.wholeBlocks) searchBlocks(plan, values, 0, rows, stats);
  const { effective } = resolveScales(plan, stats);
  const { levels } = ladder;
  return values.map((x, i) => {
    const bits = draw(i + 2 ** 20);
    const scale = plan.levels.length > 0 ? effective[blockOf(plan.grid, Math.floor(i / cols), i % cols)] : 1;
    if (bits % 4 === 0 || scale === 0) return x;
    const rank = (bits >>> 8) % (levels.length - 1);
    const upper = bits % 4 === 1 ? levels[rank] : levels[rank + 1];
    // The nearest float32 is the closest call; every second one is moved by an ulp.
    const near = stepped(Math.fround((levels[rank] / 2 + upper / 2) * scale), [0, 1, 0, -1][(bits >>> 4) % 4]);
    return Number.isFinite(near) ? near : x;
  });
}

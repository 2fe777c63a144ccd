/**
 * Ideal scales rounded into the format of their level. Most are decided by a double quotient with room to spare on both
 * sides; those that are not go the exact way of `roundScale`.
 */

import { rankOn, type Staircase, staircase } from "../codes/scalar/staircase.ts";
import { highWord } from "../exact/bits.ts";
import { ratioToFloat32 } from "../exact/ratio.ts";
import { signBit } from "../formats/codes.ts";
import type { Ladder } from "../formats/ladder.ts";
import type { FloatFormat } from "../formats/types.ts";
import type { ScaleLevel } from "../plan/plan.ts";
import type { Rounding, RoundingMode } from "../rounding/rounding.ts";
import { roundScale, saturate } from "./round.ts";

/** How far a double quotient of a sum of two doubles may lie from the exact one, generously. */
const MORE = 1 + 2 ** -50;
const LESS = 1 - 2 ** -50;

/** The stored value of the ideal scale (hi + lo) / divisor; `index` is the block's, for random rounding. */
export type Store = (hi: number, lo: number, divisor: number, index: number) => number;

/** How a level stores its scales. The same values as `roundScale` gives, faster for many. */
export function storeOf(level: ScaleLevel, depth: number): Store {
  const { ladder, rounding } = level;
  const careful: Store = (hi, lo, divisor, index) => roundScale(level, hi, lo, divisor, depth, index).value;
  if (level.least > 0) return careful;
  if (!ladder) return (hi, lo, divisor) => saturate(ratioToFloat32(hi, lo, divisor));
  const round = level.format.kind === "float" && rounding.mode === "rne" ? floatRounder(level.format) : null;
  if (round) {
    const [least, most] = [ladder.levels[0], ladder.levels[ladder.levels.length - 1]];
    return (hi, lo, divisor, index) => {
      const q = (hi + lo) / divisor;
      const value = round(q * MORE);
      if (value !== round(q * LESS)) return careful(hi, lo, divisor, index);
      return Math.min(most, Math.max(least, value));
    };
  }
  const stairs = stairsOf(ladder, rounding);
  if (!stairs) return careful;
  return (hi, lo, divisor, index) => {
    const q = (hi + lo) / divisor;
    const rank = rankOn(stairs, q * MORE);
    return rank === rankOn(stairs, q * LESS) ? ladder.levels[rank] : careful(hi, lo, divisor, index);
  };
}

/** Staircases by ladder and mode: a table takes milliseconds to build. */
const known = new WeakMap<Ladder, Map<RoundingMode, Staircase | null>>();

function stairsOf(ladder: Ladder, rounding: Rounding): Staircase | null {
  const ofLadder = known.get(ladder) ?? new Map<RoundingMode, Staircase | null>();
  known.set(ladder, ofLadder);
  const found = ofLadder.get(rounding.mode);
  if (found !== undefined) return found;
  const made = staircase({ ladder, rounding, middles: ladder.middles });
  ofLadder.set(rounding.mode, made);
  return made;
}

/** How the code of a stored value is found. Value is one of the level's own; zero is plus zero. */
export function codeFinder({ ladder, format }: ScaleLevel): (value: number) => number {
  if (!ladder) return () => 0;
  if (format.kind !== "float" || !format.subnormals || format.mantissaBits > 20) {
    return (value) => ladder.codes[ladder.floor(value)];
  }
  const { mantissaBits, bias } = format;
  const negative = signBit(format);
  const shift = 20 - mantissaBits;
  const rebias = (1023 - bias) * 2 ** 20;
  const least = 2 ** (1 - bias);
  const subnormal = 2 ** (bias - 1 + mantissaBits);
  return (value) => {
    const size = Math.abs(value);
    const code = size < least ? size * subnormal : (highWord(size) - rebias) >>> shift;
    return value < 0 ? code + negative : code;
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

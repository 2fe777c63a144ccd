/**
 * Levels of formats and rounding to them for the oracle, straight from the definitions: every code is listed, every
 * comparison is of exact fractions.
 */
import { add, compare, divide, exactly, floor, type Rational, scaled, subtract } from "./rational.ts";

/** A finite level of a format with its code. Exact: every format here has levels that doubles hold. */
export interface Level {
  value: number;
  code: number;
  /** Whether a tie between this level and an even one goes to the other. */
  odd: boolean;
}

export interface OracleFormat {
  /** Ascending, each value once. */
  levels: Level[];
  /** Added to the code of a zero that is negative; 0 where there is no negative zero. */
  negativeZero: number;
  /** Exponent and fraction bits of the largest level, for shared exponents. */
  fractionBits: number;
}

export type Top = "none" | "nan" | "ieee" | "fnuz" | "p3109";

/** Every code of an ExMy float. `unused` are the codes that are no finite number. */
export function floatLevels(e: number, m: number, bias: number, top: Top, signed: boolean): OracleFormat {
  const levels: Level[] = [];
  const half = 2 ** (e + m);
  for (let code = 0; code < (signed ? 2 * half : half); code++) {
    const negative = code >= half;
    const [field, fraction] = [Math.floor((code % half) / 2 ** m), code % 2 ** m];
    const special =
      (top === "nan" && code % half === half - 1) ||
      (top === "ieee" && field === 2 ** e - 1) ||
      // P3109's infinity: above all numbers, under the NaN where that is not minus zero.
      (top === "p3109" && code % half >= half - (signed ? 1 : 2)) ||
      // Negative zero: NaN under FNUZ, otherwise the same number as plus zero.
      (negative && code === half);
    if (special) continue;
    const magnitude = field === 0 ? fraction * 2 ** (1 - bias - m) : (2 ** m + fraction) * 2 ** (field - bias - m);
    levels.push({ value: negative ? -magnitude : magnitude, code, odd: code % 2 === 1 });
  }
  const negativeZero = signed && top !== "fnuz" && top !== "p3109" ? half : 0;
  // A format of one bit of magnitude has the sign bit as its lowest where there is nothing below it.
  return { levels: ascending(levels), negativeZero, fractionBits: m };
}

/** OCP's scale format: powers of two, no zero. Of 1 and 2 times a power, 2 is the even significand: every level is odd below. */
export const e8m0Levels: OracleFormat = {
  levels: Array.from({ length: 255 }, (_, code) => ({ value: 2 ** (code - 127), code, odd: true })),
  negativeZero: 0,
  fractionBits: 0,
};

/** Integers from min to max in two's complement of `bits`, divided by 2^frac. */
export function integerLevels(bits: number, min: number, max: number, frac = 0): OracleFormat {
  const levels: Level[] = [];
  for (let k = min; k <= max; k++) {
    levels.push({ value: k / 2 ** frac, code: k < 0 ? k + 2 ** bits : k, odd: k % 2 !== 0 });
  }
  return { levels, negativeZero: 0, fractionBits: bits - 2 };
}

/** Levels by code; ties look at the rank of a level. */
export function codebookLevels(values: number[]): OracleFormat {
  const levels = ascending(values.map((value, code) => ({ value, code, odd: false })));
  return { levels: levels.map((l, rank) => ({ ...l, odd: rank % 2 === 1 })), negativeZero: 0, fractionBits: 0 };
}

const ascending = (levels: Level[]) => levels.sort((a, b) => a.value - b.value);

export type OracleRounding =
  | { mode: "rne" | "away" | "inward" | "trunc" | "up" | "down" | "odd" }
  | { mode: "sr"; bits: number; seed: number }
  | { mode: "coin"; seed: number };

export const RNE: OracleRounding = { mode: "rne" };

/** Threefry-2x32 with 20 rounds as Random123 defines it; the first of its two words. */
export function threefryWord(key: [number, number], counter: [number, number]): number {
  const rotations = [13, 15, 26, 6, 17, 29, 16, 24];
  const mod = (x: bigint) => x & 0xffffffffn;
  const keys = [BigInt(key[0]), BigInt(key[1])];
  keys.push(0x1bd11bdan ^ keys[0] ^ keys[1]);
  let [a, b] = [mod(BigInt(counter[0]) + keys[0]), mod(BigInt(counter[1]) + keys[1])];
  for (let round = 0; round < 20; round++) {
    const r = BigInt(rotations[round % 8]);
    a = mod(a + b);
    b = mod((b << r) | (b >> (32n - r))) ^ a;
    if (round % 4 === 3) {
      const injection = (round + 1) / 4;
      a = mod(a + keys[injection % 3]);
      b = mod(b + keys[(injection + 1) % 3] + BigInt(injection));
    }
  }
  return Number(a);
}

/** Where a number falls among the levels: the rank of its level; -1 or the number of levels where it is beyond them. */
function roundToRank(format: OracleFormat, v: Rational, rounding: OracleRounding, stream: number, index: number) {
  const { levels } = format;
  let [low, high] = [-1, levels.length];
  // The greatest rank whose level does not exceed v.
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (compare(exactly(levels[middle].value), v) <= 0) low = middle;
    else high = middle;
  }
  if (low < 0) return -1;
  const lower = exactly(levels[low].value);
  if (compare(lower, v) === 0) return low;
  if (low === levels.length - 1) return levels.length;
  const upper = exactly(levels[low + 1].value);
  const negative = v.n < 0n;
  const tie = compare(scaled(v, 1), add(lower, upper));
  const nearest = (onTie: boolean) => low + (tie > 0 || (tie === 0 && onTie) ? 1 : 0);
  switch (rounding.mode) {
    case "rne":
      return nearest(levels[low].odd);
    case "away":
      return nearest(!negative);
    case "inward":
      return nearest(negative);
    case "trunc":
      return negative ? low + 1 : low;
    case "up":
      return low + 1;
    case "down":
      return low;
    case "odd":
      return levels[low].odd ? low : low + 1;
    case "sr": {
      const word = threefryWord([rounding.seed, stream], [index % 2 ** 32, Math.floor(index / 2 ** 32)]);
      const fraction = divide(subtract(v, lower), subtract(upper, lower));
      const k = floor(scaled(fraction, rounding.bits)) + BigInt(Math.floor(word / 2 ** (32 - rounding.bits)));
      return k >= 1n << BigInt(rounding.bits) ? low + 1 : low;
    }
    case "coin": {
      const word = threefryWord([rounding.seed, stream], [index % 2 ** 32, Math.floor(index / 2 ** 32)]);
      return word >= 2 ** 31 ? low + 1 : low;
    }
  }
}

/** The level that a number rounds to, saturating. */
export function roundTo(
  format: OracleFormat,
  v: Rational,
  rounding: OracleRounding = RNE,
  stream = 0,
  index = 0,
): Level {
  const rank = roundToRank(format, v, rounding, stream, index);
  return format.levels[Math.min(format.levels.length - 1, Math.max(0, rank))];
}

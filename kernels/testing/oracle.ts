/**
 * The definition of every number once more, as slowly and plainly as it can be said: exact rational arithmetic, lists of
 * levels, one element at a time. Tests hold the reference against it. It shares no arithmetic with what it tests.
 *
 * A scale is the exact ideal rounded once into its format, level by level from the outermost in; the scale in force is
 * the product of the stored levels, each product rounded to float32; a code is the level nearest to the exact x/s.
 */
import {
  absolute,
  add,
  compare,
  divide,
  exactly,
  floor,
  floorLog2,
  integer,
  multiply,
  nearestFloat32,
  nearestInteger,
  negate,
  type Rational,
  scaled,
  subtract,
  ZERO,
} from "./rational.ts";

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

export type Top = "none" | "nan" | "ieee" | "fnuz";

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
      // Negative zero: NaN under FNUZ, otherwise the same number as plus zero.
      (negative && code === half);
    if (special) continue;
    const magnitude = field === 0 ? fraction * 2 ** (1 - bias - m) : (2 ** m + fraction) * 2 ** (field - bias - m);
    levels.push({ value: negative ? -magnitude : magnitude, code, odd: code % 2 === 1 });
  }
  const negativeZero = signed && top !== "fnuz" ? half : 0;
  // A format of one bit of magnitude has the sign bit as its lowest where there is nothing below it.
  return { levels: ascending(levels), negativeZero, fractionBits: m };
}

/** OCP's scale format: powers of two, no zero. */
export const e8m0Levels: OracleFormat = {
  levels: Array.from({ length: 255 }, (_, code) => ({ value: 2 ** (code - 127), code, odd: code % 2 === 1 })),
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

/** Index of the block of element (row, col), and how many rows and columns of blocks there are. */
export interface Blocks {
  gridRows: number;
  gridCols: number;
  at(row: number, col: number): number;
}

export type Shape =
  | { kind: "run"; n: number }
  | { kind: "tile"; rows: number; cols: number }
  | { kind: "row" | "col" | "tensor" }
  | { kind: "flat"; n: number };

export function blocksOf(shape: Shape, rows: number, cols: number): Blocks {
  if (shape.kind === "flat") {
    const n = Math.ceil((rows * cols) / shape.n);
    return { gridRows: 1, gridCols: n, at: (r, c) => Math.floor((r * cols + c) / shape.n) };
  }
  const sizes = {
    run: () => [1, (shape as { n: number }).n],
    tile: () => [(shape as { rows: number }).rows, (shape as { cols: number }).cols],
    row: () => [1, cols],
    col: () => [rows, 1],
    tensor: () => [rows, cols],
  };
  const [h, w] = sizes[shape.kind]();
  const gridCols = Math.ceil(cols / w);
  return { gridRows: Math.ceil(rows / h), gridCols, at: (r, c) => Math.floor(r / h) * gridCols + Math.floor(c / w) };
}

/** A quantizer of a matrix of numbers: elements, or the scales of the level inside. */
export interface OracleQuantizer {
  format: OracleFormat;
  rounding: OracleRounding;
  /** `null` for a direct cast, which has no scale. */
  scaling: OracleScaling | null;
}

export interface OracleScaling {
  shape: Shape;
  /** absmax over the divisor, a shared exponent, or a percentile (a decimal written as p / 10^digits). */
  rule:
    | { name: "absmax" }
    | { name: "mx"; how: "floor" | "ceil" | "even" }
    | { name: "pct"; p: number; digits: number };
  /** What the clip is divided by; negative for the signed maximum. */
  divisor: Rational;
  /** Affine: the largest code; the zero point goes through `zp`. */
  affine: { max: number; zp: OracleFormat | null } | null;
  /** `null` stores float32. */
  store: OracleQuantizer | null;
}

export interface OracleLevel {
  codes: number[] | null;
  values: number[];
}

export interface OracleResult {
  /** 0 where the input is not finite: the definition gives it no code. */
  codes: number[];
  results: number[];
  levels: OracleLevel[];
  effective: number[];
  zeroPoints: number[];
}

/** The result of a quantizer on a matrix, row-major. */
export function quantizeExactly(q: OracleQuantizer, x: Float32Array, rows: number, cols: number): OracleResult {
  const { scaling } = q;
  const blocks = scaling ? blocksOf(scaling.shape, rows, cols) : null;
  const numbers = Array.from(x, (v) => (Number.isFinite(v) ? exactly(v) : null));
  const levels: OracleLevel[] = [];
  const clips = blocks && scaling ? clipsOf(scaling, q.format, blocks, numbers, cols) : [];
  const effective =
    blocks && scaling
      ? resolve(
          scaling,
          clips.map((c) => c.ideal),
          blocks,
          0,
          levels,
        )
      : [1];
  const zeroPoints = scaling?.affine ? clips.map((c, b) => zeroPoint(scaling, c.low, effective[b])) : [];
  const out: OracleResult = { codes: [], results: [], levels, effective, zeroPoints };
  numbers.forEach((v, i) => {
    const b = blocks ? blocks.at(Math.floor(i / cols), i % cols) : 0;
    if (v === null) {
      out.codes.push(0);
      out.results.push(Number.NaN);
      return;
    }
    const s = effective[b];
    const quotient = s === 0 ? ZERO : divide(v, exactly(s));
    const negative = v.n < 0n || Object.is(x[i], -0);
    if (scaling?.affine) {
      const k = roundTo(unbounded(quotient), quotient, q.rounding, 0, i).value + zeroPoints[b];
      const code = Math.min(scaling.affine.max, Math.max(0, k));
      out.codes.push(code);
      out.results.push(nearestFloat32(multiply(integer(code - zeroPoints[b]), exactly(s))));
      return;
    }
    const level = roundTo(q.format, quotient, q.rounding, 0, i);
    out.codes.push(level.code + (level.value === 0 && negative ? q.format.negativeZero : 0));
    out.results.push(nearestFloat32(multiply(exactly(level.value), exactly(s))));
  });
  return out;
}

/** The two integers around a number, as a format. */
function unbounded(v: Rational): OracleFormat {
  const far = 2n ** 20n;
  const whole = floor(v);
  const low = Number(whole > far ? far : whole < -far ? -far : whole);
  return integerLevels(32, low, low + 1);
}

interface Clip {
  /** The exact ideal scale. */
  ideal: Rational;
  /** For affine formats: the lower end. */
  low: Rational;
}

function clipsOf(s: OracleScaling, inner: OracleFormat, blocks: Blocks, x: (Rational | null)[], cols: number): Clip[] {
  const members: Rational[][] = Array.from({ length: blocks.gridRows * blocks.gridCols }, () => []);
  x.forEach((v, i) => {
    if (v) members[blocks.at(Math.floor(i / cols), i % cols)].push(v);
  });
  return members.map((values) => {
    if (s.affine) {
      const [low, high] = affineRange(s, values);
      return { ideal: divide(subtract(high, low), s.divisor), low };
    }
    return { ideal: idealScale(s, inner, clipOf(s, values)), low: ZERO };
  });
}

/** The clip of a block: a magnitude, or for the signed maximum the first value of the largest magnitude. */
function clipOf(s: OracleScaling, values: Rational[]): Rational {
  if (s.rule.name === "pct") return nearestRank(s.rule, values.map(absolute));
  let clip = ZERO;
  for (const v of values) if (compare(absolute(v), absolute(clip)) > 0) clip = s.divisor.n < 0n ? v : absolute(v);
  return clip;
}

/** The smallest value with at least p percent of all at or below it. */
function nearestRank(rule: { p: number; digits: number }, values: Rational[]): Rational {
  if (values.length === 0) return ZERO;
  const sorted = values.toSorted(compare);
  const share = { n: BigInt(rule.p), d: 100n * 10n ** BigInt(rule.digits) };
  const rank = -floor(negate(multiply(share, integer(values.length))));
  return sorted[Math.max(1, Number(rank)) - 1];
}

function affineRange(s: OracleScaling, values: Rational[]): [Rational, Rational] {
  const most = (list: Rational[]) => {
    if (s.rule.name === "pct") list = list.length > 0 ? [nearestRank(s.rule, list)] : [];
    return list.reduce((m, v) => (compare(v, m) > 0 ? v : m), ZERO);
  };
  return [negate(most(values.map(negate))), most(values)];
}

function idealScale(s: OracleScaling, inner: OracleFormat, clip: Rational): Rational {
  if (s.rule.name !== "mx" || clip.n === 0n) return divide(clip, s.divisor);
  const e = floorLog2(clip);
  const significand = scaled(absolute(clip), -e);
  const threshold = subtract(integer(2), scaled(integer(1), -(inner.fractionBits + 1)));
  const up =
    (s.rule.how === "ceil" && compare(significand, integer(1)) > 0) ||
    (s.rule.how === "even" && compare(significand, threshold) >= 0);
  const largest = inner.levels.reduce((m, l) => Math.max(m, Math.abs(l.value)), 0);
  return scaled(integer(1), e + (up ? 1 : 0) - floorLog2(exactly(largest)));
}

/** Stores one level of ideal scales, the level outside it first. Gives the scales in force. */
function resolve(s: OracleScaling, ideals: Rational[], grid: Blocks, depth: number, out: OracleLevel[]): number[] {
  const store = s.store;
  const level: OracleLevel = { codes: store ? [] : null, values: [] };
  out[depth] = level;
  const place = (i: number): [number, number] => [Math.floor(i / grid.gridCols), i % grid.gridCols];
  let over = (_i: number) => 1;
  if (store?.scaling) {
    const outerGrid = blocksOf(store.scaling.shape, grid.gridRows, grid.gridCols);
    const outerIdeals = clipsOf(store.scaling, store.format, outerGrid, ideals, grid.gridCols).map((c) => c.ideal);
    const outer = resolve(store.scaling, outerIdeals, outerGrid, depth + 1, out);
    over = (i) => outer[outerGrid.at(...place(i))];
  }
  return ideals.map((ideal, i) => {
    const o = over(i);
    const wanted = o === 0 ? ZERO : divide(ideal, exactly(o));
    if (!store) {
      level.values.push(saturating(nearestFloat32(wanted)));
      return level.values[i];
    }
    const stored = roundTo(store.format, wanted, store.rounding, 1 + depth, i);
    level.codes!.push(stored.code);
    level.values.push(stored.value);
    return saturating(nearestFloat32(multiply(exactly(stored.value), exactly(o))));
  });
}

/** Scales saturate, whatever stores them. */
function saturating(scale: number): number {
  const largest = (2 - 2 ** -23) * 2 ** 127;
  return Math.max(-largest, Math.min(largest, scale));
}

function zeroPoint(s: OracleScaling, low: Rational, scale: number): number {
  if (scale === 0) return 0;
  const z = Number(nearestInteger(divide(negate(low), exactly(scale))));
  const inside = Math.min(s.affine!.max, Math.max(0, z));
  return s.affine!.zp ? roundTo(s.affine!.zp, integer(inside)).value : inside;
}

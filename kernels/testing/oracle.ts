/**
 * The definition of every number once more, as slowly and plainly as it can be said: exact rational arithmetic, lists of
 * levels, one element at a time. Tests hold the reference against it. It shares no arithmetic with what it tests.
 *
 * A scale is the exact ideal rounded once into its format, level by level from the outermost in; the scale in force is
 * the product of the stored levels, each product rounded to float32; a code is the level nearest to the exact x/s.
 */
import { integerLevels, type OracleFormat, type OracleRounding, roundTo } from "./levels.ts";
import {
  absolute,
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
    | { name: "mx"; how: "floor" | "ceil" | "even" | "rceil" }
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
  if (s.rule.how === "rceil") {
    const ideal = divide(clip, s.divisor);
    const below = floorLog2(ideal);
    const power = scaled(integer(1), below);
    return compare(power, ideal) === 0 ? power : scaled(integer(1), below + 1);
  }
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

/** Which recipes the sweep kernels take, and their words. */
import { exponentOf } from "../../../exact/bits.ts";
import type { FloatFormat } from "../../../formats/types.ts";
import { type ElementSpec, isPlainRule, type Plan, type ScaleLevel } from "../../../plan/plan.ts";
import type { BlockGrid } from "../../../report/report.ts";
import { product, roundScale } from "../../../scales/round.ts";
import type { RuleName } from "../../../scales/rules/index.ts";
import { holdsCodes } from "../../../scales/zero-point.ts";
import { MAX_INTEGER } from "../tiles/refuses.ts";
import { cellsOf } from "./books.ts";
import { type RecipeWords, SHORT_RUN, TABLE_LEVELS } from "./fields.ts";

/** Levels and scales between these leave room below and above in float32. */
const [LEAST_LEVEL, MOST_LEVEL] = [2 ** -30, 2 ** 20];
const MAX_FLOAT32 = (2 - 2 ** -23) * 2 ** 127;
/** Significant bits of values of few digits, at most. */
const SHORT = 11;
/** Quotients that differ in no more than so many bits are told apart by a reciprocal that is nearly right. */
const ROOM = 20;
/** What takes the bits of a number to the next power of two from 1.5 on, and from anything above one on. */
const HALF_POWER = 0x400000;
const NEXT_POWER = 0x7fffff;

/** The rules for the scales of elements that the kernels have. What is not named here they leave to the processor. */
const RULES = ["absmax", "minmax", "mx"] as const satisfies readonly RuleName[];

/** Which kernel a plan goes through. */
export type Kernel = "integers" | "floats" | "affine" | "books";

const isEven = ({ affine, integer, format }: ElementSpec): boolean =>
  !affine && (integer ? integer.min === -integer.max : format.kind === "float" && hasSteps(format));

/** Whether a float's levels are multiples of a step at each exponent, on both sides of zero. */
const hasSteps = ({ signed, subnormals, mantissaBits }: FloatFormat): boolean =>
  signed && subnormals && mantissaBits >= 1;

export function kernelOf({ element }: Plan): Kernel {
  if (element.integer) return isEven(element) ? "integers" : "affine";
  return isEven(element) ? "floats" : "books";
}

/** Whether runs go down the columns for this plan. */
export const goesDown = ({ grid }: Plan): boolean => grid.kind === "col" && grid.cols > 1;

/** Why the kernels do not take a plan, in a clause, or null. */
export function refusalOf(plan: Plan): string | null {
  const { element, levels, transforms, grid } = plan;
  if (transforms.length > 0) return "does not sweep rotations";
  if (element.format.kind === "identity") return "has nothing to do for float32";
  if (plan.wholeBlocks) return "does not search for scales";
  return elementRefusal(element) ?? gridRefusal(grid) ?? levelsRefusal(plan, levels);
}

function elementRefusal(element: ElementSpec): string | null {
  const { arith, sat, rounding, nonfinite, zeroScale, ladder, affine, zeroPoint, integer } = element;
  if (arith !== "exact" || nonfinite !== "skip" || zeroScale !== null) return "does not imitate libraries in sweeps";
  if (integer && integer.bits > MAX_INTEGER) return `has no integers of more than ${MAX_INTEGER} bits in sweeps`;
  if (sat !== "clamp") return `only saturates in sweeps (sat=${sat})`;
  if (rounding.mode !== "rne") return `only rounds to nearest even in sweeps (@${rounding.mode})`;
  if (affine && zeroPoint!.format.kind !== "identity" && !holdsCodes(zeroPoint!.format, integer!)) {
    return "has only zero points that are codes in sweeps";
  }
  const { levels, maxAbs, zero } = ladder!;
  if (zero < 0) return "has only formats with a zero in sweeps";
  if (maxAbs > MOST_LEVEL || levels.some((v) => v !== 0 && Math.abs(v) < LEAST_LEVEL)) {
    return "has no levels that large or small in sweeps";
  }
  if (integer || isEven(element)) return null;
  if (levels.length > TABLE_LEVELS) return `has only codebooks of up to ${TABLE_LEVELS} levels in sweeps`;
  return cellsOf(ladder!) ? null : "has no codebooks whose levels lie that close together in sweeps";
}

function gridRefusal({ kind, flat, blockCols, cols }: BlockGrid): string | null {
  if (kind === "none" || kind === "col") return null;
  if (flat === 0 && (blockCols % SHORT_RUN === 0 || blockCols === cols)) return null;
  return `has only blocks of multiples of ${SHORT_RUN} along a row in sweeps`;
}

function levelsRefusal({ element }: Plan, levels: readonly ScaleLevel[]): string | null {
  if (levels.length > 2) return "has no more than two levels of scale in sweeps";
  for (const level of levels) {
    if (level.divisor < 0) return "has no signed maximum in sweeps";
    if (level.least > 0 || level.offset !== "none") return "does not imitate libraries in sweeps";
    if (level.rounding.mode !== "rne" && !(level.rounding.mode === "up" && isPowerFormat(level))) {
      return "rounds scales to nearest in sweeps";
    }
  }
  const [level, outer] = levels;
  if (!level) return null;
  const { format, rule } = level;
  if (!RULES.some((name) => name === rule.name)) return `has no ~${rule.name} in sweeps`;
  if (rule.exponent) {
    return outer || !(format.kind === "identity" || isPowerFormat(level)) ? "has ~mx with e8m0 only in sweeps" : null;
  }
  const plain = format.kind === "identity" || isPowerFormat(level);
  const stepped = format.kind === "float" && format.subnormals && format.mantissaBits >= 1;
  if (!plain && !stepped) return `has no scales in ${level.text} in sweeps`;
  if (!outer) return null;
  const simple = outer.grid.kind === "tensor" && outer.format.kind === "identity" && isPlainRule(outer.rule);
  return stepped && simple && !element.affine
    ? null
    : "has a second level of scale only as one float32 a tensor over floats in sweeps";
}

/** E8M0: powers of two over all of float32's range. */
function isPowerFormat({ format }: ScaleLevel): boolean {
  return format.kind === "float" && format.mantissaBits === 0 && !format.subnormals && format.exponentBits === 8;
}

/**
 * The words of a plan that the kernels take. `amax` is the tensor's, times the factor of the data; `slot` and `table` are
 * the places of its grid and codebook in the dispatch.
 */
export function wordsOf(plan: Plan, { amax, least }: Magnitudes, slot: number, table: number): RecipeWords {
  const scale = scaleWords(plan.levels, amax);
  const clamps = Number(mayGoBeyond(plan, scale, amax, least));
  return { ...elementWords(plan.element), ...scale, clamps, slot, table };
}

/** Whether a quotient's digits beyond float32 may decide how a scale is stored: it, or what divides it, has more than those. */
export const isLong = ({ element, levels }: Plan): boolean => element.affine || levels.length > 1;

/** The largest magnitude of a tensor, and the least of those of its runs that are not all zeros. */
export interface Magnitudes {
  amax: number;
  least: number;
}

/** Whether a quotient by a scale as it is stored may be nearer to a level above the greatest one. */
function mayGoBeyond({ element, levels: [level] }: Plan, words: ScaleWords, amax: number, least: number): boolean {
  const { levels } = element.ladder!;
  if (!level) return true;
  const [last, high] = levels.slice(-2);
  const room = high + 0.999 * ((high - last) / 2);
  if (words.is_power === 1) {
    // The quotient of amax by a power of two that is not below the ideal.
    const up = words.power_add === NEXT_POWER;
    if (level.rule.exponent) return !up || 2 ** level.rule.exponent.shift >= room;
    return !up || level.divisor >= room;
  }
  const { format } = level;
  if (format.kind !== "float") return level.divisor >= room;
  const ideal = level.divisor * words.outer;
  if (amax / ideal > words.scale_most || least / ideal < words.scale_least) return true;
  return level.divisor * (1 + 2 ** -(format.mantissaBits + 1)) >= room;
}

/** Whether values of few digits lie near a middle between levels only as `around_ideal` takes for granted. */
export function isSimple({ element, levels: [level, outer] }: Plan): boolean {
  if (!level) return true;
  const divisor = level.divisor * (outer?.divisor ?? 1);
  const stored = outer && level.format.kind === "float" ? level.format.mantissaBits + 1 : 0;
  return digitsOf(divisor) + SHORT <= ROOM && middleDigits(element) + stored + SHORT <= ROOM;
}

/** Significant bits of a divisor; more than any float32 has where it is none. */
function digitsOf(x: number): number {
  for (let digits = 1; digits <= 24; digits++)
    if (Number.isInteger((x / 2 ** exponentOf(x)) * 2 ** (digits - 1))) return digits;
  return Infinity;
}

/** Significant bits of the middles between levels. */
const middleDigits = ({ integer, format }: ElementSpec): number =>
  integer
    ? Math.ceil(Math.log2(2 * Math.max(-integer.min, integer.max)))
    : format.kind === "float"
      ? format.mantissaBits + 2
      : Infinity;

type ScaleField =
  | `divisor_${"high" | "low"}`
  | `scale_${"most" | "least" | "magic"}`
  | ("outer" | "fixed" | "is_power" | "power_add" | "divisor" | "numerator");
type ScaleWords = Pick<RecipeWords, ScaleField>;

function elementWords(element: ElementSpec): Omit<RecipeWords, ScaleField | "slot" | "table" | "clamps"> {
  const { format, ladder, integer, affine, ends } = element;
  const { levels } = ladder!;
  const even = isEven(element);
  const coarse = 2 ** (4 + middleDigits(element)) - 1;
  const none = { least: 0, magic: 0, flush: 0, affine: Number(affine), unit: 1, coarse: integer ? coarse : 0 };
  if (integer) {
    const steps = 2 ** integer.frac;
    const [low_end, high_end] = [ends.low * steps, ends.high * steps];
    const limits = { low: integer.min, high: integer.max, low_end, high_end };
    // A result is off by half of its last digit at most; twice that is left for the rest.
    const surely = 0.5 - 2 ** -22 * Math.max(-integer.min, integer.max);
    return { ...none, ...limits, unit: 1 / steps, flush: 0.5, least: surely };
  }
  const limits = { low: levels[0], high: levels[levels.length - 1], low_end: ends.low, high_end: ends.high };
  if (!even || format.kind !== "float") {
    const { last, factor, summand } = cellsOf(ladder!)!;
    return { ...none, ...limits, low: last, least: factor, magic: summand };
  }
  const { least, magic } = stepsOf(format);
  return { ...none, ...limits, least, magic, flush: least / 2 ** (format.mantissaBits + 1) };
}

/** The least normal power of two of a float, and what leaves room for its fraction alone. */
const stepsOf = ({ bias, mantissaBits }: FloatFormat) => ({ least: 2 ** (1 - bias), magic: 2 ** (23 - mantissaBits) });

function scaleWords(levels: readonly ScaleLevel[], amax: number): ScaleWords {
  const [level, next] = levels;
  // A scale magic of zero leaves a quotient as it is.
  const none = {
    scale_most: MAX_FLOAT32,
    scale_least: 1,
    scale_magic: 0,
    outer: 1,
    fixed: 0,
    is_power: 0,
    power_add: 0,
  };
  const exact = { divisor: 0, numerator: 0 };
  if (!level) return { ...none, ...exact, divisor_high: 0, divisor_low: 0, outer: 0, fixed: 1 };
  const { exponent } = level.rule;
  if (exponent) {
    // What takes a significand of `from` and above to the next power of two.
    const power_add = Math.floor((2 - exponent.from) * 2 ** 23);
    return { ...none, ...exact, ...inverse(2 ** exponent.shift), is_power: 1, power_add };
  }
  const outer = next ? outerScale(next, amax, level.divisor) : 1;
  const divided = inverse(level.divisor * outer);
  const { format } = level;
  if (isPowerFormat(level)) {
    const power_add = level.rounding.mode === "up" ? NEXT_POWER : HALF_POWER;
    return { ...none, ...exact, ...divided, is_power: 1, power_add };
  }
  if (format.kind !== "float") return { ...none, ...divided, divisor: level.divisor, numerator: 0 };
  const { least, magic } = stepsOf(format);
  const scale_most = level.ladder!.maxAbs;
  const ideal = next ? { numerator: amax, divisor: level.divisor * next.divisor } : exact;
  return {
    ...{ ...none, ...divided, scale_most, scale_least: least, scale_magic: magic, outer },
    ...ideal,
  };
}

/** The tensor's scale of scales; one where all are zero, and nothing depends on it. */
function outerScale(level: ScaleLevel, amax: number, divisor: number): number {
  const stored = roundScale(level, amax, 0, divisor * level.divisor, 1, 0).value;
  return product(stored, 1) || 1;
}

/** 1/d in two float32. */
function inverse(d: number): { divisor_high: number; divisor_low: number } {
  const high = Math.fround(1 / d);
  return { divisor_high: high, divisor_low: Math.fround(1 / d - high) };
}

/** Which recipes the sweep kernels take, and their words. */
import { exponentOf } from "../../exact/bits.ts";
import type { Ladder } from "../../formats/ladder.ts";
import type { FloatFormat } from "../../formats/types.ts";
import type { ElementSpec, Plan, ScaleLevel } from "../../plan/plan.ts";
import type { BlockGrid } from "../../report.ts";
import { product, roundScale } from "../../scales/round.ts";
import { holdsCodes } from "../../scales/zero-point.ts";
import { type RecipeWords, RUN, SCALE, TABLE_LEVELS } from "./fields.ts";

/** Levels and scales between these leave room below and above in float32. */
const [LEAST_LEVEL, MOST_LEVEL] = [2 ** -30, 2 ** 20];
/** Half a unit in the last place of a significand of one, which rounds a power of two upwards from 1.5. */
const MAX_FLOAT32 = (2 - 2 ** -23) * 2 ** 127;
const HALF_POWER = 0x400000;
const NEXT_POWER = 0x7fffff;

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
  if (integer || isEven(element) || levels.length <= TABLE_LEVELS) return null;
  return `has only codebooks of up to ${TABLE_LEVELS} levels in sweeps`;
}

function gridRefusal({ kind, flat, blockCols, cols }: BlockGrid): string | null {
  if (kind === "none" || kind === "col") return null;
  if (flat === 0 && (blockCols % RUN === 0 || blockCols === cols)) return null;
  return `has only blocks of multiples of ${RUN} along a row in sweeps`;
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
  if (rule.name === "mx") {
    return outer || !(format.kind === "identity" || isPowerFormat(level)) ? "has ~mx with e8m0 only in sweeps" : null;
  }
  const plain = format.kind === "identity" || isPowerFormat(level);
  const stepped = format.kind === "float" && format.subnormals && format.mantissaBits >= 1;
  if (!plain && !stepped) return `has no scales in ${level.text} in sweeps`;
  if (!outer) return null;
  const simple = outer.grid.kind === "tensor" && outer.format.kind === "identity" && outer.rule.name === "absmax";
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
export function wordsOf(plan: Plan, amax: number, slot: number, table: number): RecipeWords {
  // What is divided, or what it is divided by, has more digits than a float32.
  const long_scale = Number(plan.element.affine || plan.levels.length > 1);
  return { ...elementWords(plan.element), ...scaleWords(plan.levels, amax), slot, table, long_scale };
}

type ScaleField = `divisor_${"high" | "low"}` | `scale_${"mode" | "most" | "least" | "magic"}` | "outer" | "power_add";

function elementWords(element: ElementSpec): Omit<RecipeWords, ScaleField | "slot" | "table" | "long_scale"> {
  const { format, ladder, integer, affine, ends } = element;
  const { levels } = ladder!;
  const even = isEven(element);
  const none = { least: 0, magic: 0, flush: 0, affine: Number(affine), unit: 1 };
  if (integer) {
    const steps = 2 ** integer.frac;
    const [low_end, high_end] = [ends.low * steps, ends.high * steps];
    const limits = { low: integer.min, high: integer.max, low_end, high_end };
    return { ...none, ...limits, unit: 1 / steps, flush: 0.5 };
  }
  const limits = { low: levels[0], high: levels[levels.length - 1], low_end: ends.low, high_end: ends.high };
  if (!even || format.kind !== "float") return { ...none, ...limits };
  const { least, magic } = stepsOf(format);
  return { ...none, ...limits, least, magic, flush: least / 2 ** (format.mantissaBits + 1) };
}

/** The least normal power of two of a float, and what leaves room for its fraction alone. */
const stepsOf = ({ bias, mantissaBits }: FloatFormat) => ({ least: 2 ** (1 - bias), magic: 2 ** (23 - mantissaBits) });

function scaleWords(levels: readonly ScaleLevel[], amax: number): Pick<RecipeWords, ScaleField> {
  const [level, next] = levels;
  const none = { scale_most: 0, scale_least: 0, scale_magic: 0, outer: 1, power_add: 0 };
  if (!level) return { ...none, ...inverse(1), scale_mode: SCALE.none };
  if (level.rule.name === "mx") {
    const shift = 2 ** exponentOf(level.inner.maxAbs);
    return { ...none, ...inverse(shift), scale_mode: SCALE.power, power_add: mxAdd(level) };
  }
  const outer = next ? outerScale(next, amax, level.divisor) : 1;
  const divided = inverse(level.divisor * outer);
  const { format } = level;
  if (isPowerFormat(level)) {
    const power_add = level.rounding.mode === "up" ? NEXT_POWER : HALF_POWER;
    return { ...none, ...divided, scale_mode: SCALE.power, power_add };
  }
  if (format.kind !== "float") return { ...none, ...divided, scale_mode: SCALE.float32 };
  const { least, magic } = stepsOf(format);
  const scale_most = level.ladder!.maxAbs;
  return { ...none, ...divided, scale_mode: SCALE.float, scale_most, scale_least: least, scale_magic: magic, outer };
}

/** What takes a significand to the next power of two where the rule says so. */
function mxAdd({ rule, inner: { format } }: ScaleLevel): number {
  if (rule.name !== "mx" || rule.how === "floor") return 0;
  if (rule.how === "ceil") return NEXT_POWER;
  const fraction = format.kind === "float" ? format.mantissaBits : format.kind === "integer" ? format.bits - 2 : 0;
  return 2 ** (22 - fraction);
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

/** A codebook's words: the middle above each level, the levels, the middles' last digits, and which levels are odd. */
export function bookWords({ levels, middles, odd }: Ladder): Float32Array {
  const words = new Float32Array(4 * TABLE_LEVELS).fill(MAX_FLOAT32, 0, TABLE_LEVELS);
  words.set(middles);
  words.set(levels, TABLE_LEVELS);
  words.set(
    middles.map((middle) => middle - Math.fround(middle)),
    2 * TABLE_LEVELS,
  );
  words.set(odd, 3 * TABLE_LEVELS);
  return words;
}

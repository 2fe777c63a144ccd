import { exponentOf, floatBits } from "../../../exact/bits.ts";
import { hasMinusZero } from "../../../exact/small-float.ts";
import { codeCount, infinityCode, nanCode, signBit } from "../../../formats/codes.ts";
import type { Ladder } from "../../../formats/ladder.ts";
import type { ElementSpec } from "../../../plan/plan.ts";
import { elementStream } from "../../../random/streams.ts";
import { isRandom } from "../../../rounding/modes/index.ts";
import { KIND, LEVEL_WORDS, MODE, NONE, SAT, specFields } from "../wgsl/spec.ts";

/** An element format and its rounding as the shaders take them. */
export interface ElementWords {
  spec: Int32Array;
  /** Levels of a codebook, LEVEL_WORDS each; one empty level for other formats. */
  table: Int32Array;
}

/** Whole numbers of more bits than this leave no room for 32 random bits in 64. */
const MULTIPLE_LIMIT = 2 ** 30;
/** Integers are exact up to 2^this steps, far beyond every code and zero point. */
const INTEGER_MANTISSA = 13;
const ODD = 0x80000000;

type SpecField = (typeof specFields)[number][0];

/** Floats and integers lie on a grid that needs no table; codebooks do not, nor does E8M0, which has no zero. */
export function onGrid(element: ElementSpec): boolean {
  return element.integer !== null || (element.format.kind === "float" && element.format.subnormals);
}

const cache = new WeakMap<ElementSpec, ElementWords>();

export function elementWords(element: ElementSpec): ElementWords {
  let words = cache.get(element);
  if (!words) {
    words = { spec: specOf(element), table: tableOf(element) };
    cache.set(element, words);
  }
  return words;
}

function specOf(element: ElementSpec): Int32Array {
  const values = element.format.kind === "identity" ? { kind: KIND.identity } : fieldsOf(element, element.ladder!);
  return Int32Array.from(specFields, ([name]) => (values as Partial<Record<SpecField, number>>)[name] ?? 0);
}

function fieldsOf(element: ElementSpec, ladder: Ladder): Partial<Record<SpecField, number>> {
  const { format, rounding, integer, affine, ends, sat } = element;
  const sign = signBit(format);
  const signed = format.kind === "float" && hasMinusZero(format.top);
  const nan = nanCode(format);
  const last = ladder.levels.length - 1;
  return {
    kind: onGrid(element) ? KIND.grid : KIND.table,
    mode: MODE[rounding.mode as keyof typeof MODE],
    random_bits: isRandom(rounding.mode) ? rounding.bits : 1,
    seed: rounding.seed,
    stream: elementStream,
    ...gridOf(element),
    ...limitsOf(element, ladder),
    affine: Number(affine),
    code_mask: 2 ** format.bits - 1,
    sign_code: sign,
    minus_zero: signed ? sign : 0,
    sat: SAT[sat],
    undefined_code: integer ? 0 : (nan ?? ladder.codes[Math.max(0, ladder.zero)]),
    infinity_code: infinityCode(format) ?? NONE,
    nan_above: nan ?? 0,
    nan_below: (nan ?? 0) + (signed ? sign : 0),
    high_end: affine ? ends.high * 2 ** 16 : floatBits(ends.high),
    low_end: affine ? ends.low * 2 ** 16 : floatBits(ends.low),
    levels: last + 1,
    code_count: codeCount(ladder.format),
  };
}

/** Where the grid of an element's levels starts and from where its steps grow; zeros for codebooks. */
export function gridOf({ format, integer }: ElementSpec): { unit: number; mantissa: number } {
  if (integer) return { unit: -integer.frac, mantissa: INTEGER_MANTISSA };
  if (format.kind !== "float") return { unit: 0, mantissa: 0 };
  return { unit: 1 - format.bias - format.mantissaBits, mantissa: format.mantissaBits };
}

function limitsOf({ format, integer }: ElementSpec, ladder: Ladder): Partial<Record<SpecField, number>> {
  if (integer) return { integer: 1, highest: integer.max, lowest: -integer.min };
  if (format.kind !== "float") return {};
  const highest = ladder.codes[ladder.codes.length - 1];
  return { highest, lowest: format.signed ? highest : 0 };
}

/** Why the shaders do not have a rounding, or null. */
export const roundingRefusal = ({ rounding }: ElementSpec): string | null =>
  rounding.mode in MODE ? null : `does not round @${rounding.mode}`;

/** Why a codebook does not fit the shader's words, or null. */
export function tableRefusal(element: ElementSpec): string | null {
  const { ladder } = element;
  if (!ladder || onGrid(element)) return null;
  if (element.sat !== "clamp") return `does not do sat=${element.sat} for ${element.format.name} yet`;
  for (let i = 1; i < ladder.levels.length; i++) {
    const { multiple, width } = intervalOf(ladder.levels[i - 1], ladder.levels[i]);
    if (Math.abs(multiple) >= MULTIPLE_LIMIT || Math.abs(multiple + width) >= MULTIPLE_LIMIT) {
      return "has no codebooks whose neighbouring levels differ so much in size yet";
    }
  }
  return null;
}

/** Two float32 levels as whole multiples of a power of two: lower = multiple * 2^unit, upper = (multiple + width) * 2^unit. */
function intervalOf(lower: number, upper: number): { unit: number; multiple: number; width: number } {
  const unit = Math.min(...[lower, upper].filter((v) => v !== 0).map(lastBit));
  const multiple = lower * 2 ** -unit;
  return { unit, multiple, width: upper * 2 ** -unit - multiple };
}

/** The exponent of the last set bit. */
function lastBit(x: number): number {
  let exponent = exponentOf(x) - 23;
  for (let m = Math.abs(x) * 2 ** -exponent; m % 2 === 0; m /= 2) exponent++;
  return exponent;
}

function tableOf(element: ElementSpec): Int32Array {
  const { ladder } = element;
  if (!ladder || onGrid(element)) return new Int32Array(LEVEL_WORDS);
  const { levels, codes, odd } = ladder;
  const words = new Int32Array(levels.length * LEVEL_WORDS);
  for (let rank = 0; rank < levels.length; rank++) {
    const code = codes[rank] | (odd[rank] ? ODD : 0);
    const between = rank + 1 < levels.length ? betweenWords(levels[rank], levels[rank + 1]) : [];
    words.set([floatBits(levels[rank]), code, ...between], rank * LEVEL_WORDS);
  }
  return words;
}

function betweenWords(lower: number, upper: number): number[] {
  const { unit, multiple, width } = intervalOf(lower, upper);
  const twice = 2 * multiple + width;
  if (twice === 0) return [0, 0, unit, multiple, width];
  const lead = Math.clz32(Math.abs(twice));
  const exponent = unit - 1 + 31 - lead;
  return [2 * exponent + (twice < 0 ? 1 : 0), Math.abs(twice) << lead, unit, multiple, width];
}

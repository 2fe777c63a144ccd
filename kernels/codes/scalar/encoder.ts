import { exponentOf } from "../../exact/bits.ts";
import { hasMinusZero } from "../../exact/small-float.ts";
import { infinityCode, nanCode, signBit } from "../../formats/codes.ts";
import type { Ladder } from "../../formats/ladder.ts";
import type { Format } from "../../formats/types.ts";
import type { ElementSpec } from "../../plan/plan.ts";
import { elementStream } from "../../random/streams.ts";
import { decideUpper, roundOnLadder } from "../../rounding/on-ladder.ts";

/** What the codes of a stretch of elements did, besides the codes themselves. */
export interface EncodeCounts {
  /** Values beyond the range that got the code at its end. */
  saturated: number;
  /** Non-zero values whose level is zero. */
  flushed: number;
}

/** The scale of a stretch of elements. */
export interface BlockScale {
  /** The scale in force, float32; may be negative (signed maximum), zero (zero or dead block) or NaN. */
  scale: number;
  /** For the arithmetic of a library: what it multiplies with, or divides by (float32). */
  reciprocal: number;
  zeroPoint: number;
  /** Largest magnitude of a code less its zero point, for integers alone; left out where there is no other than the code's own. */
  limit?: number;
}

export interface Encoder {
  counts: EncodeCounts;
  /**
   * Encodes input[from..to), which share one scale. Writes fl32(level * scale) to `result` and, where given, the code
   * to `codes`. `index` is the row-major index of input[from] in the matrix, for random rounding.
   */
  run(
    input: Float32Array,
    from: number,
    to: number,
    block: BlockScale,
    index: number,
    result: Float32Array,
    codes: Uint32Array | null,
  ): void;
}

/** The definition of every code: the nearest level to the exact input/scale, or as the rounding says. */
export function makeEncoder(spec: ElementSpec): Encoder {
  const counts = { saturated: 0, flushed: 0 };
  if (spec.format.kind === "identity") return { counts, run: copyRun };
  if (spec.integer) return { counts, run: integerRun(spec, counts) };
  return { counts, run: ladderRun(spec, spec.ladder!, counts) };
}

function copyRun(
  input: Float32Array,
  from: number,
  to: number,
  _b: BlockScale,
  _i: number,
  result: Float32Array,
): void {
  result.set(input.subarray(from, to), from);
}

type Run = Encoder["run"];

/** The quotient as the recipe defines it: exact to a double, or in float32 as a library computes it. */
export function quotient({ arith }: ElementSpec, x: number, { scale, reciprocal }: BlockScale): number {
  switch (arith) {
    case "exact":
      return scale === 0 ? 0 : x / scale;
    case "modelopt":
      return reciprocal === 0 ? 0 : Math.fround(x / reciprocal);
    default:
      return Math.fround(x * reciprocal);
  }
}

function ladderRun(spec: ElementSpec, ladder: Ladder, counts: EncodeCounts): Run {
  const { format, rounding, sat, arith } = spec;
  const { levels, odd, codes: codeOf } = ladder;
  const { middles, ends } = spec;
  const last = levels.length - 1;
  const minusZero = minusZeroCode(spec);
  const nan = nanCode(format);
  const toInfinity = sat === "inf" && infinityCode(format) !== null;
  const exact = arith === "exact";
  const fast = rounding.mode === "rne" && !ladder.wide && exact;
  const next = overflowLevels(ladder);
  const x32 = { q: 0, numerator: [0], denominator: 1, delicate: false };
  const place = { stream: elementStream, index: 0 };

  /** Rank of the level; -1 and last + 1 where the value overflows. */
  const rankOf = (q: number, x: number, scale: number, index: number): number => {
    const divided = exact && scale !== 0;
    x32.q = q;
    x32.numerator[0] = divided ? x : q;
    x32.denominator = divided ? scale : 1;
    x32.delicate = divided && ladder.wide;
    place.index = index;
    const rank = roundOnLadder(ladder, middles, rounding, x32, place);
    if (rank >= 0 && rank <= last) return rank;
    if (sat === "clamp") return rank;
    // Without saturation a value overflows only where it rounds to the level that would come next.
    if (rank < 0) {
      const inside = decideUpper(rounding, x32, next.below, levels[0], (next.below + levels[0]) / 2, !odd[0], place);
      return q > next.below && inside ? 0 : -1;
    }
    const out = decideUpper(
      rounding,
      x32,
      levels[last],
      next.above,
      (next.above + levels[last]) / 2,
      !!odd[last],
      place,
    );
    return q < next.above && !out ? last : last + 1;
  };

  /** What a value beyond the range gives where it does not saturate: Inf if asked for and there is one of that sign, else NaN. */
  const overflow = (i: number, high: boolean, result: Float32Array, codes: Uint32Array | null) => {
    const infinite = toInfinity && (high || signBit(format) > 0);
    result[i] = infinite ? (high ? Infinity : -Infinity) : Number.NaN;
    if (codes) codes[i] = overflowCode(format, infinite, high);
  };

  return (input, from, to, block, index, result, codes) => {
    const { scale } = block;
    for (let i = from; i < to; i++) {
      const x = input[i];
      let q = quotient(spec, x, block);
      if (q - q !== 0 || x - x !== 0) {
        // NaN or Inf in the input, or a poisoned block: out of every sum, but it still gets a code.
        const undefinedValue = Number.isNaN(x) || Number.isNaN(scale);
        if (undefinedValue) {
          result[i] = Number.NaN;
          if (codes) codes[i] = nan ?? codeOf[Math.max(0, ladder.zero)];
          continue;
        }
        q = towardTop(x, scale) ? Infinity : -Infinity;
        if (sat !== "clamp") {
          overflow(i, q > 0, result, codes);
        } else {
          const rank = q > 0 ? last : 0;
          result[i] = levels[rank] * scale;
          if (codes) codes[i] = codeOf[rank];
        }
        continue;
      }
      let rank: number;
      if (fast && q >= levels[0] && q <= levels[last]) {
        rank = ladder.floor(q);
        if (rank < last) {
          const m = middles[rank];
          if (q > m || (q === m && odd[rank] === 1 && q !== levels[rank])) rank++;
        }
      } else {
        rank = rankOf(q, x, scale, index + i - from);
      }
      if (rank < 0 || rank > last) {
        const high = rank > last;
        rank = high ? last : 0;
        // A positive value below the least one, where there is no zero, is not beyond the range.
        if (sat !== "clamp" && (high || q < 0)) {
          overflow(i, high, result, codes);
          continue;
        }
      }
      if (q > ends.high || q < ends.low) counts.saturated++;
      const level = levels[rank];
      if (level === 0) {
        const minus = x < 0 || Object.is(x, -0);
        if (x !== 0) counts.flushed++;
        result[i] = minus && minusZero ? -0 : exact ? 0 : level * scale;
        if (codes) codes[i] = codeOf[rank] + (minus ? minusZero : 0);
      } else {
        result[i] = level * scale;
        if (codes) codes[i] = codeOf[rank];
      }
    }
  };
}

/**
 * What the code of a zero takes on for a value with a sign. bitsandbytes and ModelOpt look at the quotient instead: their
 * ladders have a second zero.
 */
export function minusZeroCode({ format, arith }: ElementSpec): number {
  if (arith === "bnb" || arith === "modelopt") return 0;
  return format.kind === "float" && hasMinusZero(format.top) ? signBit(format) : 0;
}

/** Which end of the range an infinite value keeps to: that of its sign, or the other where the scale is negative. */
const towardTop = (x: number, scale: number): boolean => (scale < 0 ? x < 0 : x > 0);

/** The code of a value beyond the range where it does not saturate: that of an infinity, or of a NaN with its sign. */
export function overflowCode(format: Format, infinite: boolean, high: boolean): number {
  const sign = high || (!infinite && format.kind === "float" && !hasMinusZero(format.top)) ? 0 : signBit(format);
  return (infinite ? infinityCode(format)! : nanCode(format)!) + sign;
}

/** The levels that would follow the first and the last if the format went on as it ends. */
export function overflowLevels(ladder: Ladder): { below: number; above: number } {
  const { levels, format } = ladder;
  const n = levels.length;
  if (format.kind !== "float") {
    return { below: levels[0] - (levels[1] - levels[0]), above: levels[n - 1] + (levels[n - 1] - levels[n - 2]) };
  }
  // The next code's number: where the largest level begins a binade, the step after it is larger than the one before.
  const top = levels[n - 1];
  const step = Math.max(top - levels[n - 2], 2 ** (exponentOf(top) - format.mantissaBits));
  const full = top + step;
  return { above: full, below: format.signed ? -full : levels[0] - (levels[1] - levels[0]) };
}

/** Adding and taking away 1.5 * 2^52 rounds a double below 2^51 to the nearest integer, ties to even. */
const TO_INTEGER = 1.5 * 2 ** 52;

/** Integers need no search: the neighbours of q are floor(q) and floor(q) + 1. */
function integerRun(spec: ElementSpec, counts: EncodeCounts): Run {
  const { rounding } = spec;
  const { min, max, frac, bits } = spec.integer!;
  const step = 2 ** frac;
  // In steps, as the quotient below is.
  const [lowEnd, highEnd] = [spec.ends.low * step, spec.ends.high * step];
  const nearestEven = rounding.mode === "rne";
  const wrap = 2 ** bits;
  const x32 = { q: 0, numerator: [0], denominator: 1, delicate: false };
  const place = { stream: elementStream, index: 0 };

  /** The integer that a finite q rounds to in any other mode than nearest even. */
  const otherwise = (q: number, x: number, scale: number, index: number): number => {
    const lower = Math.floor(q);
    if (lower === q) return q;
    const divided = scale !== 0;
    x32.q = q;
    x32.numerator[0] = divided ? x * step : q;
    x32.denominator = divided ? scale : 1;
    place.index = index;
    return decideUpper(rounding, x32, lower, lower + 1, lower + 0.5, lower % 2 !== 0, place) ? lower + 1 : lower;
  };

  return (input, from, to, block, index, result, codes) => {
    const { scale } = block;
    const zeroPoint = spec.affine ? block.zeroPoint : 0;
    // A fractional zero point, as solvers set them, moves the middles: its fraction is added before rounding, the rest after it.
    const whole = Math.floor(zeroPoint);
    const fraction = zeroPoint - whole;
    const limit = block.limit ?? Infinity;
    const [low, high] = [Math.max(-limit - 0.5, lowEnd - zeroPoint), Math.min(limit + 0.5, highEnd - zeroPoint)];
    const [least, most] = [Math.max(min, whole - limit), Math.min(max, whole + limit)];
    let saturated = 0;
    let flushed = 0;
    for (let i = from; i < to; i++) {
      const x = input[i];
      const q = (scale === 0 ? 0 : x / scale) * step;
      let k: number;
      if (q - q === 0 && x - x === 0) {
        k = nearestEven ? q + fraction + TO_INTEGER - TO_INTEGER : otherwise(q + fraction, x, scale, index + i - from);
        if (q > high || q < low) saturated++;
      } else if (Number.isNaN(x) || Number.isNaN(scale)) {
        result[i] = Number.NaN;
        if (codes) codes[i] = whole;
        continue;
      } else {
        k = towardTop(x, scale) ? Infinity : -Infinity;
      }
      k += whole;
      if (k < least) k = least;
      else if (k > most) k = most;
      const level = (k - zeroPoint) / step;
      if (level === 0) {
        if (x !== 0 && x - x === 0) flushed++;
        result[i] = 0;
      } else result[i] = level * scale;
      if (codes) codes[i] = k < 0 ? k + wrap : k;
    }
    counts.saturated += saturated;
    counts.flushed += flushed;
  };
}

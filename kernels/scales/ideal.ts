import { exponentOf } from "../exact/bits.ts";
import type { Plan, ScaleLevel } from "../plan/plan.ts";

/** An ideal scale as a numerator (exact sum of two doubles) over the level's divisor. */
export interface Ideal {
  hi: number;
  lo: number;
}

/** The numerator of a block's ideal scale, from its clip or its ends. Over the level's divisor it is the ideal scale. */
export function idealOf(plan: Plan, clip: number, low: number, high: number): Ideal {
  return plan.element.affine ? rangeOf(low, high) : { hi: mxNumerator(plan.levels[0], clip), lo: 0 };
}

/** high - low as an exact sum of two doubles (Knuth's TwoSum). */
export function rangeOf(low: number, high: number): Ideal {
  const b = -low;
  const s = high + b;
  const bb = s - high;
  return { hi: s, lo: high - (s - bb) + (b - bb) };
}

/** Under ~mx the ideal is a power of two: written as a numerator over the same divisor. Otherwise the clip itself. */
export function mxNumerator(level: ScaleLevel, clip: number): number {
  if (level.rule.name !== "mx" || clip === 0) return clip;
  const { shift, from } = sharedExponent(level);
  const e = exponentOf(clip);
  const significand = Math.abs(clip) * 2 ** -e;
  return 2 ** (e + (significand >= from ? 1 : 0) - shift) * level.divisor;
}

/**
 * How ~mx finds an exponent: that of the clip less `shift`, and the next one where its significand, of 1 to 2, reaches
 * `from`. Under rceil it is the exponent of clip over divisor, rounded up.
 */
export function sharedExponent({ rule, divisor, inner: { format, maxAbs } }: ScaleLevel): {
  shift: number;
  from: number;
} {
  const how = rule.name === "mx" ? rule.how : "floor";
  const shift = exponentOf(maxAbs);
  if (how === "floor") return { shift, from: 2 };
  if (how === "ceil") return { shift, from: 1 + Number.EPSILON };
  if (how === "rceil") {
    const e = exponentOf(divisor);
    // The least double above the divisor's own significand.
    return { shift: e, from: Math.abs(divisor) * 2 ** -e + Number.EPSILON };
  }
  const fraction = format.kind === "float" ? format.mantissaBits : format.kind === "integer" ? format.bits - 2 : 0;
  return { shift, from: 2 - 2 ** -(fraction + 1) };
}

/** The numerators of many clips under ~mx, by their binary exponents. */
export function mxNumerators(level: ScaleLevel, clips: ArrayLike<number>): Float64Array {
  const out = new Float64Array(clips.length);
  const { shift, from } = sharedExponent(level);
  // Clips are float32: no exponent lies outside.
  const [least, count] = [-149, 278];
  const powers = Float64Array.from({ length: count }, (_, k) => 2 ** (k + least - shift) * level.divisor);
  const raised = Float64Array.from({ length: count }, (_, k) => from * 2 ** (k + least));
  for (let b = 0; b < out.length; b++) {
    const clip = clips[b];
    if (clip === 0) continue;
    const k = exponentOf(clip) - least;
    out[b] = Math.abs(clip) >= raised[k] ? powers[k + 1] : powers[k];
  }
  return out;
}

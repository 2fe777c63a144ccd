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
  const e = exponentOf(clip);
  const significand = Math.abs(clip) * 2 ** -e;
  return 2 ** (e + (significand >= raisedFrom(level) ? 1 : 0) - exponentOf(level.inner.maxAbs)) * level.divisor;
}

/** The significand, of 1 to 2, from which on ~mx takes the next exponent. */
function raisedFrom({ rule, inner: { format } }: ScaleLevel): number {
  if (rule.name !== "mx" || rule.how === "floor") return 2;
  if (rule.how === "ceil") return 1 + Number.EPSILON;
  const fraction = format.kind === "float" ? format.mantissaBits : format.kind === "integer" ? format.bits - 2 : 0;
  return 2 - 2 ** -(fraction + 1);
}

/** The numerators of many clips under ~mx, by their binary exponents. */
export function mxNumerators(level: ScaleLevel, clips: ArrayLike<number>): Float64Array {
  const out = new Float64Array(clips.length);
  const from = raisedFrom(level);
  // Clips are float32: no exponent lies outside.
  const [least, count] = [-149, 278];
  const shift = exponentOf(level.inner.maxAbs);
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

import { exponentOf } from "../exact/bits.ts";
import type { Plan, ScaleLevel } from "../plan/plan.ts";

/** An ideal scale as a numerator (exact sum of two doubles) over the level's divisor. */
export interface Ideal {
  hi: number;
  lo: number;
}

/** The numerator of a block's ideal scale, from its clip or its ends. Over the level's divisor it is the ideal scale. */
export function idealOf(plan: Plan, clip: number, low: number, high: number): Ideal {
  return plan.element.affine ? rangeOf(low, high) : { hi: numeratorOf(plan.levels[0], clip), lo: 0 };
}

/** high - low as an exact sum of two doubles (Knuth's TwoSum). */
export function rangeOf(low: number, high: number): Ideal {
  const b = -low;
  const s = high + b;
  const bb = s - high;
  return { hi: s, lo: high - (s - bb) + (b - bb) };
}

/** Where the ideal is a power of two, that as a numerator over the same divisor. Otherwise the clip itself. */
export function numeratorOf({ rule: { exponent }, divisor }: ScaleLevel, clip: number): number {
  if (!exponent || clip === 0) return clip;
  const e = exponentOf(clip);
  const significand = Math.abs(clip) * 2 ** -e;
  return 2 ** (e + (significand >= exponent.from ? 1 : 0) - exponent.shift) * divisor;
}

/** The same for many clips, by their binary exponents; the clips themselves where the ideal is no power of two. */
export function numeratorsOf<Clips extends Float32Array | Float64Array>(
  { rule: { exponent }, divisor }: ScaleLevel,
  clips: Clips,
): Clips | Float64Array {
  if (!exponent) return clips;
  const { shift, from } = exponent;
  const out = new Float64Array(clips.length);
  // Clips are float32: no exponent lies outside.
  const [least, count] = [-149, 278];
  const powers = Float64Array.from({ length: count }, (_, k) => 2 ** (k + least - shift) * divisor);
  const raised = Float64Array.from({ length: count }, (_, k) => from * 2 ** (k + least));
  for (let b = 0; b < out.length; b++) {
    const clip = clips[b];
    if (clip === 0) continue;
    const k = exponentOf(clip) - least;
    out[b] = Math.abs(clip) >= raised[k] ? powers[k + 1] : powers[k];
  }
  return out;
}

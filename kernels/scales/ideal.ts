import { exponentOf } from "../exact/bits.ts";
import type { Plan, ScaleLevel } from "../plan/plan.ts";

/** An ideal scale as a numerator (exact sum of two doubles) over the level's divisor. */
export interface Ideal {
  hi: number;
  lo: number;
}

/** The numerator of a block's ideal scale, from its clip or its ends. Over the level's divisor it is the ideal scale. */
export function idealOf(plan: Plan, clip: number, low: number, high: number): Ideal {
  if (plan.element.affine) {
    // max - min as an exact sum of two doubles (Knuth's TwoSum).
    const b = -low;
    const s = high + b;
    const bb = s - high;
    return { hi: s, lo: high - (s - bb) + (b - bb) };
  }
  return { hi: mxNumerator(plan.levels[0], clip), lo: 0 };
}

/** Under ~mx the ideal is a power of two: written as a numerator over the same divisor. Otherwise the clip itself. */
export function mxNumerator(level: ScaleLevel, clip: number): number {
  if (level.rule.name !== "mx" || clip === 0) return clip;
  const e = exponentOf(clip);
  const significand = Math.abs(clip) * 2 ** -e;
  const { format, maxAbs } = level.inner;
  let up = 0;
  if (level.rule.how === "ceil") up = significand > 1 ? 1 : 0;
  if (level.rule.how === "even") {
    const fraction = format.kind === "float" ? format.mantissaBits : format.kind === "integer" ? format.bits - 2 : 0;
    up = significand >= 2 - 2 ** -(fraction + 1) ? 1 : 0;
  }
  return 2 ** (e + up - exponentOf(maxAbs)) * level.divisor;
}

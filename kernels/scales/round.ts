import { dividesExactly, ratioToFloat32 } from "../exact/ratio.ts";
import type { ScaleLevel } from "../plan/plan.ts";
import { scaleStream } from "../random/streams.ts";
import { roundOnLadder } from "../rounding/on-ladder.ts";

/** The exact quotient of a numerator in two parts, for rounding. */
export function quotientOf(hi: number, lo: number, denominator: number) {
  const q = (hi + lo) / denominator;
  // Shared exponents meet their levels exactly, and need no long arithmetic to say so.
  const delicate = lo !== 0 || !dividesExactly(hi, denominator, q);
  return { q, numerator: lo === 0 ? [hi] : [hi, lo], denominator, delicate };
}

/** The largest finite float32. */
const MAX_FLOAT32 = (2 - 2 ** -23) * 2 ** 127;

/**
 * Scales saturate in float32 as they do in any other format: an infinite one would turn its block into NaN. A zero is
 * plus zero whatever it was divided by.
 */
export const saturate = (s: number) => Math.max(-MAX_FLOAT32, Math.min(MAX_FLOAT32, s)) + 0;

/** The product of two stored scales as float32. */
export const product = (a: number, b: number) => saturate(Math.fround(a * b));

/** An ideal scale rounded once into the format of its level; saturating. The divisor may be a product. */
export function roundScale(
  level: ScaleLevel,
  hi: number,
  lo: number,
  divisor: number,
  depth: number,
  index: number,
): { code: number; value: number } {
  const raised = level.least > 0 && (hi + lo) / divisor < level.least;
  const x = raised ? quotientOf(level.least, 0, 1) : quotientOf(hi, lo, divisor);
  if (!level.ladder) {
    return { code: 0, value: raised ? Math.fround(level.least) : saturate(ratioToFloat32(hi, lo, divisor)) };
  }
  const place = { stream: scaleStream(depth), index };
  const rank = roundOnLadder(level.ladder, level.ladder.middles, level.rounding, x, place);
  const inside = Math.min(level.ladder.levels.length - 1, Math.max(0, rank));
  return { code: level.ladder.codes[inside], value: level.ladder.levels[inside] };
}

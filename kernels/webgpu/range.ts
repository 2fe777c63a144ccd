import { exponentOf } from "../exact/bits.ts";
import type { Plan } from "../plan/plan.ts";
import type { Scales } from "../scales/resolve.ts";
import type { Binning } from "./pieces.ts";
import { MAX_ZERO_POINT } from "./refuses.ts";
import { rotationGain } from "./rotations.ts";

/**
 * Squares are summed in float32, where a GPU may flush subnormals and overflow as it likes. All terms of a tensor are
 * therefore multiplied by one power of two. Below this exponent of the largest value, every float32 square, subnormal
 * or not, then is a normal number, and 2^27 of them do not overflow.
 */
const MAX_EXPONENT = 38;
const SUM_EXPONENT = 100;

/**
 * How terms are scaled that are read one by one, of a recipe whose results lie within the range of its levels: whatever
 * float32 holds of them, subnormals included, becomes a normal number then, which no GPU flushes on its way.
 */
export function settledBinning(plan: Plan, valueExponent: number): Binning {
  // A result is at most twice its value, and the error their sum; rotated, there and back.
  const exponent = valueExponent + 2 + Math.ceil(2 * Math.log2(rotationGain(plan)));
  const shift = Math.max(0, SUM_EXPONENT - 2 * exponent);
  return { valueExponent, squareShift: shift, magnitudeShift: Math.max(0, SUM_EXPONENT - exponent) };
}

const largestScales = new WeakMap<Scales, number>();

/** The largest finite magnitude of the scales in force. */
function largestScale(scales: Scales): number {
  let largest = largestScales.get(scales);
  if (largest === undefined) {
    largest = 0;
    for (const s of scales.effective) {
      const m = Math.abs(s);
      if (m > largest && m < Infinity) largest = m;
    }
    largestScales.set(scales, largest);
  }
  return largest;
}

/** How terms are scaled for summing, or null where values are so large that the processor has to sum. */
export function binningOf(plan: Plan, scales: Scales, valueExponent: number): Binning | null {
  const { ladder, affine } = plan.element;
  const level = affine ? ladder!.maxAbs + MAX_ZERO_POINT : (ladder?.maxAbs ?? 0);
  const result = level * largestScale(scales) * rotationGain(plan);
  // |e| <= |x| + |result|, and a result may be rounded up to the next power of two.
  const exponent = Math.max(valueExponent, result > 0 ? exponentOf(result) + 1 : valueExponent) + 1;
  if (exponent > MAX_EXPONENT) return null;
  return { valueExponent, squareShift: SUM_EXPONENT - 2 * exponent, magnitudeShift: SUM_EXPONENT - exponent };
}

import { exponentOf } from "../../../exact/bits.ts";
import type { Plan } from "../../../plan/plan.ts";
import type { Scales } from "../../../scales/resolve.ts";
import { rotationGain } from "../rotate/rotations.ts";
import type { Binning } from "./pieces.ts";
import { MAX_ZERO_POINT } from "./refuses.ts";

/**
 * Squares are summed in float32, where a GPU may flush subnormals and overflow as it likes. All terms of a tensor are
 * therefore multiplied by one power of two, which takes the largest there may be to about 2^this: 2^27 of them do not
 * overflow. Values with terms that are no normal numbers then go to a list, and the processor adds them; all of the tile where
 * they are too many.
 */
const SUM_EXPONENT = 100;
/** Nothing is larger than 2^this. */
const FLOAT_EXPONENT = 128;
/** Of values, results and errors below 2^this floats need no scaling. */
const MODERATE_EXPONENT = 38;

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

/** How terms are scaled for summing, by the largest result that a quantizer's scales allow. */
export function binningOf(plan: Plan, scales: Scales, valueExponent: number): Binning {
  const { ladder, affine } = plan.element;
  const level = affine ? ladder!.maxAbs + MAX_ZERO_POINT : (ladder?.maxAbs ?? 0);
  return binningFor(level * largestScale(scales) * rotationGain(plan), valueExponent);
}

/** How terms are scaled for summing where no finite result is larger than `most`. */
export function binningFor(most: number, valueExponent: number): Binning {
  const result = Math.min(most, 2 ** (FLOAT_EXPONENT - 1));
  // |e| <= |x| + |result|, and a result may be rounded up to the next power of two.
  const exponent = Math.max(valueExponent, result > 0 ? exponentOf(result) + 1 : valueExponent) + 1;
  return { valueExponent, squareShift: SUM_EXPONENT - 2 * exponent, magnitudeShift: SUM_EXPONENT - exponent };
}

/** Whether neither values nor results nor errors are too large for floats as they are. */
export const isModerate = ({ squareShift }: Binning): boolean => squareShift >= SUM_EXPONENT - 2 * MODERATE_EXPONENT;

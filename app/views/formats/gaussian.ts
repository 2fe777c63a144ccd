/** A format's error on normally distributed values, found once for each format and rounding. */
import { type BestClip, bestClip, isCoarse, type Rounded } from "../../../kernels/precision/index.ts";

const known = new WeakMap<object, Map<string, BestClip | null>>();

/** The best clip; equal formats and roundings are looked at once. */
export function clipOf(rounded: Rounded | null): BestClip | null {
  if (!rounded) return null;
  const key = `${rounded.mode} ${rounded.bits} ${rounded.sat}`;
  const of = known.get(rounded.ladder) ?? new Map<string, BestClip | null>();
  known.set(rounded.ladder, of);
  if (!of.has(key)) of.set(key, bestClip(rounded));
  return of.get(key) ?? null;
}

/** Signal to quantization noise of values of unit variance, in dB. */
export const gaussianDb = (clip: BestClip): number => -10 * Math.log10(clip.mse);

/** Why there is no error to tell; null where there is. */
export function noClipReason(rounded: Rounded | null): string | null {
  if (!rounded) return "float32 is what values are here";
  if (rounded.sat !== "clamp") return "values beyond the range become no number";
  if (isCoarse(rounded)) return "told for 16 random bits and more";
  return clipOf(rounded) ? null : "it has no level but zero";
}

import { entropy } from "../../exact/entropy.ts";
import type { TensorSignal } from "../signal.ts";

/** Bins of the histogram: as many as eight bits tell apart. */
export const BINS = 256;

/** The least and the largest finite value; null where there is none. */
export function endsOf(values: Float32Array): { least: number; largest: number } | null {
  let [least, largest] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const x of values) {
    if (x - x !== 0) continue;
    if (x < least) least = x;
    if (x > largest) largest = x;
  }
  return least <= largest ? { least, largest } : null;
}

/**
 * Shannon entropy, in bits, of finite values rounded to `bins` levels that lie evenly from the least to the largest (both are levels);
 * values beyond them go to the nearer end. 0 where the ends are the same, and where no value is finite.
 */
export function binnedEntropy(
  values: Float32Array,
  { least, largest }: { least: number; largest: number },
  bins = BINS,
): number {
  const counts = new Uint32Array(bins);
  const range = largest - least;
  for (const x of values) {
    if (x - x !== 0) continue;
    const place = range > 0 ? Math.round(((x - least) / range) * (bins - 1)) : 0;
    counts[Math.min(bins - 1, Math.max(0, place))]++;
  }
  return entropy(counts);
}

export const work: TensorSignal = {
  of: "tensor",
  async value({ values }) {
    const ends = endsOf(values);
    return ends && binnedEntropy(values, ends);
  },
};

/** Which of a reading's options the spread of the values speaks for. */
import type { Plausibility } from "../../../workers/layouts/stored-figures.ts";

/** Differences below this are chance in a sample. */
const CHANCE = 0.02;

/** Powers of ten that weights' standard deviations lie between, wherever they are from. */
const ORDINARY = { from: -4, to: 1 };

/** How much a mean that is a standard deviation away from zero counts: a zero point off by one moves it by a third. */
const PER_MEAN = 4;

/**
 * How unlike weights the values are: a mean away from zero, blocks of very different size, tails far from a Gaussian's
 * (in octaves), a spread that no layer has (in powers of ten), neighbours that have nothing in common where they might;
 * values that are no numbers rule an option out.
 */
function oddity({ mean, std, blockSpread, kurtosis, neighbours, nonFinite }: Plausibility): number {
  if (nonFinite > 0) return Number.POSITIVE_INFINITY;
  const tails = kurtosis === null ? 0 : Math.abs(Math.log2(kurtosis / 3)) / 2;
  const size = std > 0 ? Math.log10(std) : 0;
  const extraordinary = Math.max(0, ORDINARY.from - size, size - ORDINARY.to);
  const aside = std > 0 ? (PER_MEAN * Math.abs(mean)) / std : 0;
  return aside + (blockSpread ?? 0) + tails + extraordinary - Math.abs(neighbours ?? 0);
}

/** Id of the option that gives the more plausible values; null where they are alike under all. */
export function favoured(options: readonly Plausibility[]): string | null {
  const [best, next] = [...options].sort((a, b) => oddity(a) - oddity(b));
  if (!best || !next || !Number.isFinite(oddity(best)) || oddity(next) - oddity(best) < CHANCE) return null;
  return best.option;
}

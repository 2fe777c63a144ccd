/** MixDQ's claims (arXiv 2405.17873), on Gaussian text embeddings whose first token is 50 times as loud, and on made-up sensitivities. */
import { normalValues } from "../../testing/matrix.ts";
import { bestWidths, type MetricItem, quantizeTokens, scanFactors, WIDTHS } from "../outputSsim/mixdq.ts";

const [TOKENS, COLS, BITS] = [77, 768, 8];

/** SQNR in decibels of all tokens but the first. */
function decibels(loud: number, aside: number): number {
  const x = normalValues(TOKENS * COLS, 7).map((v, i) => (i < COLS ? loud * v : v));
  const y = quantizeTokens(x, COLS, BITS, aside);
  let [signal, error] = [0, 0];
  for (let i = COLS; i < x.length; i++) {
    signal += x[i] * x[i];
    error += (x[i] - y[i]) ** 2;
  }
  return 10 * Math.log10(signal / error);
}

/** What leaving the first token out of the range gains. */
export const gainAside = (): number => decibels(50, 1) - decibels(50, 0);
/** What is short of a text without a loud token, in decibels: 0 for nothing. */
export const shortOfCalm = (): number => Math.abs(decibels(50, 1) - decibels(1, 0));

/** Layers of four sizes, with metrics that rise with bits. */
export function layersOf(count: number, widths: readonly number[], seed: number): MetricItem[] {
  const draws = normalValues(2 * count, seed);
  return Array.from({ length: count }, (_, i) => ({
    elements: 16 + 7 * (i % 4),
    metric: widths.map((w) => 6 * w + draws[2 * i] * 4 - Math.exp(draws[2 * i + 1]) * 8 * 2 ** -w),
  }));
}

/** The largest distance of a group's mean bits from what the factor gives it, over all factors. */
export function largestMiss(): number {
  const [content, quality] = [layersOf(24, WIDTHS.content, 1), layersOf(18, WIDTHS.quality, 2)];
  const size = (items: MetricItem[]) => items.reduce((sum, { elements }) => sum + elements, 0);
  const shares = scanFactors(5, size(content) / size(quality));
  const misses = shares.flatMap((share) => {
    const [a, b] = [
      bestWidths(content, WIDTHS.content, share.content),
      bestWidths(quality, WIDTHS.quality, share.quality),
    ];
    return [Math.abs(a!.mean - share.content), Math.abs(b!.mean - share.quality)];
  });
  return Math.max(...misses);
}

/** Factors that both groups' widths allow. */
export const factorsAllowed = (): number => {
  const size = (items: MetricItem[]) => items.reduce((sum, { elements }) => sum + elements, 0);
  return scanFactors(5, size(layersOf(24, WIDTHS.content, 1)) / size(layersOf(18, WIDTHS.quality, 2))).length;
};

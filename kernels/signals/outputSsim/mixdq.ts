/**
 * What MixDQ makes of sensitivities by two metrics (github.com/thu-nics/MixDQ, mixed_precision_scripts/optimize): layers of two groups
 * share the bits by a factor, and each group's widths are chosen for the most of its own metric. And its range without the first token.
 */

/** Mean bits of the two groups: those of content have k times those of quality, and both together have `mean`. */
export interface SharedBits {
  k: number;
  quality: number;
  content: number;
}

/** How bits are shared at a factor k, where content has `ratio` times as many parameters as quality. */
export function shareBits(mean: number, ratio: number, k: number): SharedBits {
  const quality = (mean * (1 + ratio)) / (k * ratio + 1);
  return { k, quality, content: k * quality };
}

/** The factors that are tried for weights: ten from 0.46 to 1.36. */
export const FACTORS: readonly number[] = Array.from({ length: 10 }, (_, i) => 0.46 + (0.9 * i) / 9);

/** Widths of each group. */
export const WIDTHS = { content: [2, 4, 8], quality: [4, 8] } as const;

/** How far mean bits may be from their target. */
export const TOLERANCE = 0.02;

/** The shares at all factors that leave each group a mean between its least and its largest width. */
export function scanFactors(mean: number, ratio: number, factors: readonly number[] = FACTORS): SharedBits[] {
  const inside = (bits: number, widths: readonly number[]) => bits >= widths[0] && bits <= widths[widths.length - 1];
  return factors
    .map((k) => shareBits(mean, ratio, k))
    .filter(({ quality, content }) => inside(quality, WIDTHS.quality) && inside(content, WIDTHS.content));
}

export interface MetricItem {
  elements: number;
  /** Of each width: decibels, or similarity; more is better. */
  metric: readonly number[];
}

/**
 * The widths with the largest sum of the metric whose mean by elements is within `tolerance` of `target`; null where there are none.
 * Exact: a dynamic program over the sums of bits that occur, which are few where layers are of few sizes. Throws RangeError beyond
 * two million of them.
 */
export function bestWidths(
  items: readonly MetricItem[],
  widths: readonly number[],
  target: number,
  tolerance: number = TOLERANCE,
): { width: number[]; mean: number; metric: number } | null {
  let sums = new Map<number, { metric: number; choice: number; before: number }>([
    [0, { metric: 0, choice: -1, before: 0 }],
  ]);
  const steps: (typeof sums)[] = [];
  const elements = items.reduce((sum, item) => sum + item.elements, 0);
  const [least, most] = [Math.min(...widths), Math.max(...widths)];
  let rest = elements;
  for (const item of items) {
    rest -= item.elements;
    const next: typeof sums = new Map();
    for (const [bits, { metric }] of sums) {
      widths.forEach((width, choice) => {
        const total = bits + width * item.elements;
        // What no later choice can bring to the target is left out.
        if (
          total + least * rest > (target + tolerance) * elements ||
          total + most * rest < (target - tolerance) * elements
        )
          return;
        const value = metric + item.metric[choice];
        const known = next.get(total);
        if (value - value === 0 && (!known || value > known.metric))
          next.set(total, { metric: value, choice, before: bits });
      });
    }
    if (next.size > 2e6) throw new RangeError(`${next.size} sums of bits are too many to be told apart.`);
    steps.push(next);
    sums = next;
  }
  let best: number | null = null;
  for (const [bits, { metric }] of sums) if (best === null || metric > sums.get(best)!.metric) best = bits;
  if (best === null || elements === 0) return null;
  const width: number[] = [];
  const metric = sums.get(best)!.metric;
  for (let i = items.length - 1, at = best; i >= 0; i--) {
    const step = steps[i].get(at)!;
    width[i] = widths[step.choice];
    at = step.before;
  }
  return { width, mean: best / elements, metric };
}

/** The share of items that keeps full precision: those whose metric at the least width is worst, one at the least; in their order. */
export function mostSensitive(items: readonly MetricItem[], share = 0.01): number[] {
  const worst = [...items.keys()].sort((a, b) => items[a].metric[0] - items[b].metric[0] || a - b);
  return worst.slice(0, Math.max(1, Math.round(share * items.length))).sort((a, b) => a - b);
}

/**
 * Values of tokens x cols in b bits from their least to their largest, 0 within, where the range leaves the first `aside` tokens out
 * (their product is kept in full precision, so they stay as they are). Values that are not finite are in no range.
 */
export function quantizeTokens(values: Float32Array, cols: number, bits: number, aside: number): Float64Array {
  let [low, high] = [0, 0];
  for (let i = aside * cols; i < values.length; i++) {
    if (values[i] < low && values[i] > Number.NEGATIVE_INFINITY) low = values[i];
    if (values[i] > high && values[i] < Number.POSITIVE_INFINITY) high = values[i];
  }
  const most = 2 ** bits - 1;
  const scale = (high - low) / most;
  if (scale === 0) return Float64Array.from(values);
  const zero = Math.round(-low / scale);
  return Float64Array.from(values, (x, i) =>
    i < aside * cols ? x : scale * (Math.min(most, Math.max(0, Math.round(x / scale) + zero)) - zero),
  );
}

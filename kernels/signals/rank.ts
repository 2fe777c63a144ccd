/**
 * How far two figures put the same things in one order. Equal values share the mean of their places; infinite ones are the largest
 * and least; where a value is NaN, or one side has no order, there is no figure and `why` says so.
 */

/** A rank correlation, -1 to 1, or null with a sentence that says why there is none. */
export type Agreement = { value: number; over: number; why: null } | { value: null; over: number; why: string };

/** Places of values: 0 for the least, equal values sharing the mean of their places. NaN has no place: look before (`unordered`). */
export function ranksOf(values: ArrayLike<number>): Float64Array {
  const order = Array.from({ length: values.length }, (_, i) => i).sort((a, b) => compare(values[a], values[b]));
  const ranks = new Float64Array(values.length);
  for (let i = 0; i < order.length; ) {
    let end = i + 1;
    while (end < order.length && values[order[end]] === values[order[i]]) end++;
    for (let j = i; j < end; j++) ranks[order[j]] = (i + end - 1) / 2;
    i = end;
  }
  return ranks;
}

/** Spearman's rank correlation: Pearson's of the places. */
export function spearman(a: ArrayLike<number>, b: ArrayLike<number>): Agreement {
  const why = unordered(a, b);
  if (why !== null) return none(a.length, why);
  const [x, y] = [ranksOf(a), ranksOf(b)];
  const mean = (a.length - 1) / 2;
  let [xy, xx, yy] = [0, 0, 0];
  for (let i = 0; i < x.length; i++) {
    xy += (x[i] - mean) * (y[i] - mean);
    xx += (x[i] - mean) ** 2;
    yy += (y[i] - mean) ** 2;
  }
  return { value: within(xy / Math.sqrt(xx * yy)), over: a.length, why: null };
}

/**
 * Kendall's tau-b: pairs in the same order less pairs in opposite order, over the geometric mean of the pairs that each side orders.
 * By sorting and counting exchanges (Knight, JASA 61, 1966): n log n steps.
 */
export function kendall(a: ArrayLike<number>, b: ArrayLike<number>): Agreement {
  const why = unordered(a, b);
  if (why !== null) return none(a.length, why);
  const n = a.length;
  const order = Array.from({ length: n }, (_, i) => i).sort((i, j) => compare(a[i], a[j]) || compare(b[i], b[j]));
  const [x, y] = [Float64Array.from(order, (i) => a[i]), Float64Array.from(order, (i) => b[i])];
  const pairs = (n * (n - 1)) / 2;
  const tiedX = tied(x, (i) => x[i] === x[i - 1]);
  const tiedBoth = tied(x, (i) => x[i] === x[i - 1] && y[i] === y[i - 1]);
  const exchanges = sortCounting(y);
  const tiedY = tied(y, (i) => y[i] === y[i - 1]);
  const concordantLessDiscordant = pairs - tiedX - tiedY + tiedBoth - 2 * exchanges;
  const value = concordantLessDiscordant / Math.sqrt((pairs - tiedX) * (pairs - tiedY));
  return { value: within(value), over: n, why: null };
}

/** The shares that Spearman@k is given at (EMQ, arXiv 2307.10554). */
export const TOP_SHARES: readonly number[] = [0.2, 0.5, 1];

/**
 * Spearman@k: over the things that `scores` puts on top (the `share` of all with the largest scores, or the least), as EMQ's program
 * has it. Where scores are equal at the edge all of them are taken, so that the order of the things does not matter.
 */
export function spearmanAt(
  scores: ArrayLike<number>,
  truth: ArrayLike<number>,
  share: number,
  top: "largest" | "least" = "largest",
): Agreement {
  const why = unordered(scores, truth);
  if (why !== null) return none(scores.length, why);
  const places = top === "largest" ? Float64Array.from(scores, (s) => -s) : Float64Array.from(scores);
  const count = Math.floor(places.length * share + 1e-9);
  if (count < 2) return none(count, `the top ${percent(share)} of ${places.length} are fewer than two`);
  const edge = Float64Array.from(places).sort()[count - 1];
  const taken = [...places.keys()].filter((i) => places[i] <= edge);
  return spearman(
    taken.map((i) => scores[i]),
    taken.map((i) => truth[i]),
  );
}

/** Why two lists cannot be compared by order, or null. Throws RangeError where they are not of one length. */
export function unordered(a: ArrayLike<number>, b: ArrayLike<number>): string | null {
  if (a.length !== b.length) throw new RangeError(`${a.length} values cannot be compared with ${b.length}`);
  if (a.length < 2) return `${a.length} ${a.length === 1 ? "value has" : "values have"} no order`;
  let missing = 0;
  for (let i = 0; i < a.length; i++) if (Number.isNaN(a[i]) || Number.isNaN(b[i])) missing++;
  if (missing > 0) return `${missing} of ${a.length} have no value on one side`;
  const constant = [a, b].some((side) => Array.from(side).every((v) => v === side[0]));
  return constant ? `all ${a.length} values of one side are equal` : null;
}

const none = (over: number, why: string): Agreement => ({ value: null, over, why });
const percent = (share: number): string => `${Math.round(share * 100)} %`;
/** Rounding may carry a figure a last place beyond its range. */
const within = (value: number): number => Math.max(-1, Math.min(1, value));
/** Not a difference: that of two infinities has no sign. */
const compare = (a: number, b: number): number => (a < b ? -1 : a > b ? 1 : 0);

/** Pairs within runs of equal neighbours; `same(i)`: whether i is equal to what stands before it. */
function tied(sorted: Float64Array, same: (i: number) => boolean): number {
  let [pairs, run] = [0, 0];
  for (let i = 1; i < sorted.length; i++) {
    run = same(i) ? run + 1 : 0;
    pairs += run;
  }
  return pairs;
}

/** Sorts by merging, from runs of one to the whole, and counts how many pairs stood the wrong way round. */
function sortCounting(values: Float64Array): number {
  let exchanges = 0;
  const spare = new Float64Array(values.length);
  for (let width = 1; width < values.length; width *= 2) {
    for (let from = 0; from < values.length; from += 2 * width) {
      const middle = Math.min(from + width, values.length);
      const end = Math.min(from + 2 * width, values.length);
      let [i, j] = [from, middle];
      for (let k = from; k < end; k++) {
        if (i < middle && (j >= end || values[i] <= values[j])) {
          spare[k] = values[i++];
        } else {
          exchanges += middle - i;
          spare[k] = values[j++];
        }
      }
    }
    values.set(spare);
  }
  return exchanges;
}

/** k-means on a line (Lloyd 1982): levels in float64, found in a fixed order from sorted values. */

/** Rounds after which levels are taken as they are. */
const ROUNDS = 300;

/** Values in ascending order, with the sums of weights and of weighted values before each. */
interface Sorted {
  values: Float64Array;
  weights: Float64Array;
  moments: Float64Array;
}

function sorted(values: Float32Array, weightOf: ((i: number) => number) | null): Sorted {
  let at: Uint32Array | null = null;
  let ascending = values;
  if (weightOf) {
    at = Uint32Array.from(values.keys()).sort((a, b) => values[a] - values[b] || a - b);
    ascending = Float32Array.from(at, (i) => values[i]);
  } else ascending = values.slice().sort();
  const n = values.length;
  const [weights, moments] = [new Float64Array(n + 1), new Float64Array(n + 1)];
  for (let i = 0; i < n; i++) {
    const weight = at ? weightOf!(at[i]) : 1;
    weights[i + 1] = weights[i] + weight;
    moments[i + 1] = moments[i] + weight * ascending[i];
  }
  return { values: Float64Array.from(ascending), weights, moments };
}

/** How many of some ascending numbers are below x, or equal to it. */
function countUpTo(values: Float64Array, x: number): number {
  let [low, high] = [0, values.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (values[middle] <= x) low = middle + 1;
    else high = middle;
  }
  return low;
}

/**
 * k ascending levels for finite values, each the mean of those that are nearest to it; they begin at quantiles of the weight. As many
 * are zero at the end as there are no values for: with no more different values than levels, each value has its own.
 */
export function levelsOf(values: Float32Array, k: number, weightOf: ((i: number) => number) | null): Float64Array {
  const levels = new Float64Array(k);
  const n = values.length;
  if (n === 0) return levels;
  const { values: x, weights, moments } = sorted(values, weightOf);
  const distinct = x.filter((v, i) => i === 0 || v !== x[i - 1]);
  if (distinct.length <= k) {
    levels.set(distinct);
    return levels.fill(distinct[distinct.length - 1], distinct.length);
  }
  const total = weights[n];
  for (let c = 0; c < k; c++) {
    const place = total > 0 ? countUpTo(weights, ((c + 0.5) / k) * total) - 1 : Math.floor(((c + 0.5) / k) * n);
    levels[c] = x[Math.min(n - 1, Math.max(0, place))];
  }
  for (let round = 0; round < ROUNDS; round++) {
    let moved = false;
    let from = 0;
    for (let c = 0; c < k; c++) {
      const to = c === k - 1 ? n : countUpTo(x, (levels[c] + levels[c + 1]) / 2);
      const weight = weights[to] - weights[from];
      // A level that nobody is near to stays where it is.
      if (weight > 0) {
        const mean = (moments[to] - moments[from]) / weight;
        if (mean !== levels[c]) moved = true;
        levels[c] = mean;
      }
      from = Math.max(from, to);
    }
    if (!moved) break;
  }
  return levels.sort();
}

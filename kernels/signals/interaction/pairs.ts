/** How the errors of two tensors go together, and what order of tensors comes of it (Augmenting Hessians, arXiv 2306.04879). */

export interface Augmented {
  /** Symmetric, row-major: c_ij = L(i and j) - L(i) - L(j) + L(0); 0 on the diagonal. */
  interactions: Float64Array;
  /** S_i = L(i) - L(0) + sum over j of c_ij. */
  scores: Float64Array;
}

/**
 * Scores of tensors with their interactions. `losses`: n x n, symmetric: a loss with tensors i and j quantized, on the diagonal with i
 * alone; `none`: the loss with none. NaN where a loss was not measured, and in every score that needs it.
 */
export function augmented(losses: ArrayLike<number>, none: number): Augmented {
  const n = Math.sqrt(losses.length);
  if (!Number.isInteger(n)) throw new RangeError(`${losses.length} losses of pairs are not n x n`);
  const interactions = new Float64Array(n * n);
  const scores = new Float64Array(n);
  for (let i = 0; i < n; i++) {
    scores[i] = losses[i * n + i] - none;
    for (let j = 0; j < n; j++) {
      if (i === j) continue;
      interactions[i * n + j] = losses[i * n + j] - losses[i * n + i] - losses[j * n + j] + none;
      scores[i] += interactions[i * n + j];
    }
  }
  return { interactions, scores };
}

export interface Prefix {
  /** How many of the first tensors may be quantized. */
  length: number;
  /** Lengths that were tried, in their order, with what came of it. */
  tried: { length: number; holds: boolean }[];
}

/**
 * The largest number of first tensors of an order whose model still holds a bound, by bisection: at most ceil(log2 n) + 1 trials. It is taken
 * that none hold it, and that more tensors make it worse.
 */
export async function largestPrefix(n: number, holds: (length: number) => Promise<boolean>): Promise<Prefix> {
  let [low, high] = [0, n];
  const tried: Prefix["tried"] = [];
  while (low < high) {
    const length = Math.ceil((low + high) / 2);
    const found = await holds(length);
    tried.push({ length, holds: found });
    if (found) low = length;
    else high = length - 1;
  }
  return { length: low, tried };
}

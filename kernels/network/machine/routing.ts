/** Which experts a token passes. */

export interface Routing {
  /** Tokens of each expert, in their order. */
  tokens: Uint32Array[];
  /** What each of them is weighted by. */
  weights: Float32Array[];
}

/**
 * The softmax of the router's logits (tokens x experts), of which each token keeps the `chosen` largest, the earlier where two
 * are equal; `normalized`: made to add up to one.
 */
export function route(
  logits: Float32Array,
  tokens: number,
  count: number,
  chosen: number,
  normalized: boolean,
): Routing {
  const lists = Array.from({ length: count }, () => ({ tokens: [] as number[], weights: [] as number[] }));
  const shares = new Float64Array(count);
  for (let t = 0; t < tokens; t++) {
    const row = logits.subarray(t * count, (t + 1) * count);
    const most = row.reduce((a, b) => Math.max(a, b));
    let total = 0;
    for (let e = 0; e < count; e++) {
      shares[e] = Math.exp(row[e] - most);
      total += shares[e];
    }
    const picked = largest(shares, Math.min(chosen, count));
    const kept = normalized ? picked.reduce((sum, e) => sum + shares[e], 0) : total;
    for (const e of picked) {
      lists[e].tokens.push(t);
      lists[e].weights.push(shares[e] / kept);
    }
  }
  return {
    tokens: lists.map(({ tokens }) => Uint32Array.from(tokens)),
    weights: lists.map(({ weights }) => Float32Array.from(weights)),
  };
}

/** Places of the largest values. Where values are NaN it is the first ones, whose weights then are NaN, too. */
function largest(values: Float64Array, count: number): number[] {
  const picked: number[] = [];
  while (picked.length < count) {
    let best = -1;
    for (let i = 0; i < values.length; i++) {
      if (!picked.includes(i) && (best < 0 || values[i] > values[best])) best = i;
    }
    picked.push(best);
  }
  return picked;
}

/** Rows of a matrix, by their numbers. */
export function takeRows(values: Float32Array, cols: number, rows: Uint32Array): Float32Array {
  const taken = new Float32Array(rows.length * cols);
  for (const [i, row] of rows.entries()) taken.set(values.subarray(row * cols, (row + 1) * cols), i * cols);
  return taken;
}

/** Adds rows, each times its weight, to the rows of these numbers. */
export function addRows(
  sum: Float32Array,
  cols: number,
  rows: Uint32Array,
  values: Float32Array,
  weights: Float32Array,
): void {
  for (const [i, row] of rows.entries()) {
    for (let c = 0; c < cols; c++) sum[row * cols + c] += weights[i] * values[i * cols + c];
  }
}

/**
 * The gradient by the router's logits (tokens x experts) from that by the weights of the chosen experts. Which ones are chosen
 * does not change.
 */
export function routeGradient(
  logits: Float32Array,
  tokens: number,
  count: number,
  { tokens: dealt, weights }: Routing,
  byWeight: Float32Array[],
  normalized: boolean,
): Float32Array {
  const gradient = new Float32Array(tokens * count);
  /** Of each token the sum over chosen experts of weight times gradient. */
  const mean = new Float64Array(tokens);
  for (const [e, own] of dealt.entries()) {
    for (const [i, t] of own.entries()) mean[t] += weights[e][i] * byWeight[e][i];
  }
  // Where weights are shares among the chosen, no other logit moves them; else all of the softmax do.
  if (!normalized) {
    for (let t = 0; t < tokens; t++) {
      const row = logits.subarray(t * count, (t + 1) * count);
      const most = row.reduce((a, b) => Math.max(a, b));
      const total = row.reduce((a, b) => a + Math.exp(b - most), 0);
      for (let e = 0; e < count; e++) gradient[t * count + e] = (-Math.exp(row[e] - most) / total) * mean[t];
    }
  }
  for (const [e, own] of dealt.entries()) {
    for (const [i, t] of own.entries()) {
      gradient[t * count + e] += weights[e][i] * (byWeight[e][i] - (normalized ? mean[t] : 0));
    }
  }
  return gradient;
}

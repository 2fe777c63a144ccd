import type { Dense } from "../../linalg/dense.ts";

/** ln of the softmax of a row. */
function logSoftmax(row: Float64Array): Float64Array {
  let most = Number.NEGATIVE_INFINITY;
  for (const x of row) if (x > most) most = x;
  let sum = 0;
  for (const x of row) sum += Math.exp(x - most);
  const shift = most + Math.log(sum);
  return row.map((x) => x - shift);
}

/**
 * Mean over rows of KL(softmax(a) || softmax(b)), in nats; 0 for no rows. SliM-LLM's code takes the divergence in this direction, of
 * quantized outputs from the outputs as they are, and cuts probabilities off at 1e-6, which is left out here.
 */
export function klOfLogits(a: Dense, b: Dense): number {
  if (a.rows === 0) return 0;
  let total = 0;
  for (let r = 0; r < a.rows; r++) {
    const [p, q] = [a, b].map(({ cols, values }) => logSoftmax(values.subarray(r * cols, (r + 1) * cols)));
    for (let c = 0; c < p.length; c++) total += Math.exp(p[c]) * (p[c] - q[c]);
  }
  return Math.max(0, total / a.rows);
}

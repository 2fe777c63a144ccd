/**
 * The inverse of a Kronecker factor of curvature kept by rank-1 updates (MKOR: Mozaffari and others, arXiv 2306.01685): of
 * R <- gamma R + (1 - gamma) a a^T with the mean activation a of a batch, by Sherman and Morrison. Where the inverse grows large, it is
 * blended with the identity.
 */
import { type Dense, identity } from "../../linalg/index.ts";

/** (gamma R + (1 - gamma) a a^T)^-1 from R^-1, in place; positive definite as long as R is. */
export function rankOne({ cols: n, values }: Dense, a: Float64Array, gamma: number): void {
  const v = new Float64Array(n);
  for (let i = 0; i < n; i++) {
    let sum = 0;
    for (let j = 0; j < n; j++) sum += values[i * n + j] * a[j];
    v[i] = sum;
  }
  let quadratic = 0;
  for (let i = 0; i < n; i++) quadratic += a[i] * v[i];
  const f = (1 - gamma) / (gamma * (gamma + (1 - gamma) * quadratic));
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) values[i * n + j] = values[i * n + j] / gamma - f * v[i] * v[j];
  }
}

/** The largest magnitude. */
const size = (values: Float64Array): number => values.reduce((most, x) => Math.max(most, Math.abs(x)), 0);

export interface MkorOptions {
  gamma: number;
  /** Beyond this times its first size the inverse is blended with what it began with. */
  most: number;
  /** The share of the inverse in a blend. */
  blend: number;
}

/** The inverse factor of batches of mean activations, from the identity times `start`; and how often it was blended. */
export async function mkorInverse(
  means: Iterable<Float64Array>,
  n: number,
  start: number,
  { gamma, most, blend }: MkorOptions,
  pace: () => Promise<void>,
): Promise<{ inverse: Dense; blended: number }> {
  const inverse = identity(n);
  for (let i = 0; i < n; i++) inverse.values[i * n + i] = start;
  let blended = 0;
  for (const a of means) {
    await pace();
    rankOne(inverse, a, gamma);
    if (size(inverse.values) <= most * start) continue;
    blended++;
    for (let i = 0; i < inverse.values.length; i++) inverse.values[i] *= blend;
    for (let i = 0; i < n; i++) inverse.values[i * n + i] += (1 - blend) * start;
  }
  return { inverse, blended };
}

/** One reflection of Householder's at a time. */

/**
 * Turns x[at..] into the reflector that maps it to (beta, 0, ...): x[at] becomes beta, what follows v with v[at] = 1 left
 * out. Returns tau of I - tau v v^T. Values are scaled so that no square is lost.
 */
export function reflector(x: Float64Array, at: number): number {
  let largest = 0;
  for (let i = at + 1; i < x.length; i++) largest = Math.max(largest, Math.abs(x[i]));
  if (largest === 0) return 0;
  largest = Math.max(largest, Math.abs(x[at]));
  let sum = 0;
  for (let i = at; i < x.length; i++) {
    const y = x[i] / largest;
    sum += y * y;
  }
  const norm = Math.sqrt(sum) * largest;
  const alpha = x[at];
  const beta = alpha > 0 ? -norm : norm;
  for (let i = at + 1; i < x.length; i++) x[i] /= alpha - beta;
  x[at] = beta;
  return (beta - alpha) / beta;
}

/** y - tau v (v^T y), from `at` on; v[at] counts as 1. */
export function reflect(y: Float64Array, v: Float64Array, tau: number, at: number): void {
  if (tau === 0) return;
  let sum = y[at];
  for (let i = at + 1; i < y.length; i++) sum += v[i] * y[i];
  sum *= tau;
  y[at] -= sum;
  for (let i = at + 1; i < y.length; i++) y[i] -= sum * v[i];
}

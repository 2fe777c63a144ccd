import { normalDraw } from "../../random/normal.ts";

/**
 * A random orthogonal matrix of order n by Haar's measure: a product of reflections of Gaussian vectors of n, n - 1 ... 1 values, each
 * with the sign that keeps the measure. Stewart, "The efficient generation of random orthogonal matrices", SIAM J. Numer. Anal. 17 (1980).
 * Row-major float64, the same bits on every engine.
 */
export function randomOrthogonal(n: number, seed: number, stream: number): Float64Array {
  const q = new Float64Array(n * n);
  for (let i = 0; i < n; i++) q[i * n + i] = 1;
  const v = new Float64Array(n);
  for (let k = n - 1, draw = 0; k >= 0; k--) {
    let square = 0;
    for (let i = k; i < n; i++) {
      v[i] = normalDraw(seed, stream, draw++);
      square += v[i] * v[i];
    }
    const length = Math.sqrt(square);
    const sign = v[k] < 0 ? -1 : 1;
    // H = -sign (I - 2 v v^T / v^T v) with v + sign |v| e_k sends v to |v| e_k.
    const divisor = length * (length + Math.abs(v[k]));
    v[k] += sign * length;
    for (let r = 0; r < n; r++) {
      let dot = 0;
      for (let i = k; i < n; i++) dot += q[r * n + i] * v[i];
      dot /= divisor;
      for (let i = k; i < n; i++) q[r * n + i] = -sign * (q[r * n + i] - dot * v[i]);
    }
  }
  return q;
}

/** The inverse of a small square matrix, in float64 in a fixed order. */

/** A pivot below this share of the largest entry counts as zero. */
const LEAST_PIVOT = 1e-10;

/** Row-major n x n by elimination with row pivots; null where the matrix is singular or not finite. */
export function invert(matrix: Float64Array, n: number): Float64Array | null {
  const a = matrix.slice();
  const out = new Float64Array(n * n);
  let most = 0;
  for (const x of a) {
    if (x - x !== 0) return null;
    most = Math.max(most, Math.abs(x));
  }
  for (let i = 0; i < n; i++) out[i * n + i] = 1;
  for (let k = 0; k < n; k++) {
    let pivot = k;
    for (let i = k + 1; i < n; i++) if (Math.abs(a[i * n + k]) > Math.abs(a[pivot * n + k])) pivot = i;
    if (!(Math.abs(a[pivot * n + k]) > LEAST_PIVOT * most)) return null;
    for (const m of [a, out]) {
      for (let j = 0; pivot !== k && j < n; j++) {
        [m[k * n + j], m[pivot * n + j]] = [m[pivot * n + j], m[k * n + j]];
      }
    }
    const d = a[k * n + k];
    for (const m of [a, out]) for (let j = 0; j < n; j++) m[k * n + j] /= d;
    for (let i = 0; i < n; i++) {
      const f = a[i * n + k];
      if (i === k || f === 0) continue;
      for (let j = k; j < n; j++) a[i * n + j] -= f * a[k * n + j];
      for (let j = 0; j < n; j++) out[i * n + j] -= f * out[k * n + j];
    }
  }
  return out.every((x) => x - x === 0) ? out : null;
}

/** The transpose of a row-major n x n matrix. */
export function flipped(matrix: Float64Array, n: number): Float64Array<ArrayBuffer> {
  const out = new Float64Array(n * n);
  for (let r = 0; r < n; r++) for (let c = 0; c < n; c++) out[c * n + r] = matrix[r * n + c];
  return out;
}

import { cosineOf } from "../dct/cosine.ts";

/** Rows k of the orthonormal DST-I of order n: sqrt(2/(n+1)) sin(pi (j+1) (k+1) / (n+1)). Symmetric, its own inverse. Row-major float64. */
export function dstMatrix(n: number): Float64Array {
  const factor = Math.sqrt(2 / (n + 1));
  // sin(pi m / (n+1)) = cos(pi (n + 1 - 2m) / (2 (n+1)))
  return Float64Array.from({ length: n * n }, (_, i) => {
    const m = (Math.floor(i / n) + 1) * ((i % n) + 1);
    return factor * cosineOf(n + 1 - 2 * m, n + 1);
  });
}

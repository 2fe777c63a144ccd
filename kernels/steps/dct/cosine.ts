/** sum of (-1)^k x^(2k+first)/(2k+first)!: cosine for first = 0, sine for first = 1. For 0 <= x <= pi/4, to the last bit or two. */
function series(x: number, first: 0 | 1): number {
  let term = first === 0 ? 1 : x;
  let sum = term;
  for (let n = first + 2; n < 30; n += 2) {
    term *= (-x * x) / ((n - 1) * n);
    sum += term;
  }
  return sum;
}

/** cos(pi m / (2 n)) for whole m, by additions and multiplications alone: engines round their own cosine differently. */
export function cosineOf(m: number, n: number): number {
  const turn = ((m % (4 * n)) + 4 * n) % (4 * n);
  const half = turn > 2 * n ? 4 * n - turn : turn;
  const sign = half > n ? -1 : 1;
  const quarter = half > n ? 2 * n - half : half;
  const angle = (step: number) => (Math.PI * step) / (2 * n);
  return sign * (2 * quarter <= n ? series(angle(quarter), 0) : series(angle(n - quarter), 1));
}

/** Rows k of the orthonormal DCT-II of order n: sqrt(2/n) cos(pi (2j+1) k / 2n), the first divided by sqrt(2). Row-major float64. */
export function dctMatrix(n: number): Float64Array {
  const table = Float64Array.from({ length: 4 * n }, (_, m) => cosineOf(m, n) * Math.sqrt(2 / n));
  return Float64Array.from({ length: n * n }, (_, i) => {
    const [k, j] = [Math.floor(i / n), i % n];
    return k === 0 ? Math.sqrt(1 / n) : table[((2 * j + 1) * k) % (4 * n)];
  });
}

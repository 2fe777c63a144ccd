/** Structural similarity of two vectors, by their own mean, variance and covariance (Wang et al. 2004, one window over all). */

/** Share of the range under which differences do not count, in the terms of means and of variances. */
const K1 = 0.01;
const K2 = 0.03;

/**
 * 1 for equal vectors, less down to -1. The range is that of the first, the one to be kept; null where a value is not finite, or there is
 * none. Two constants that are equal are alike.
 */
export function similarity(of: ArrayLike<number>, and: ArrayLike<number>): number | null {
  const n = of.length;
  if (n === 0 || and.length !== n) return null;
  let [a, b, least, largest] = [0, 0, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let i = 0; i < n; i++) {
    a += of[i] / n;
    b += and[i] / n;
    least = Math.min(least, of[i]);
    largest = Math.max(largest, of[i]);
  }
  if (a - a !== 0 || b - b !== 0) return null;
  let [aa, bb, ab] = [0, 0, 0];
  for (let i = 0; i < n; i++) {
    aa += (of[i] - a) ** 2 / n;
    bb += (and[i] - b) ** 2 / n;
    ab += ((of[i] - a) * (and[i] - b)) / n;
  }
  const [c1, c2] = [(K1 * (largest - least)) ** 2, (K2 * (largest - least)) ** 2];
  const part = (over: number, under: number) => (under > 0 ? over / under : 1);
  const found = part(2 * a * b + c1, a * a + b * b + c1) * part(2 * ab + c2, aa + bb + c2);
  return found - found === 0 ? found : null;
}

/** The normal distribution from + - * / alone, so that every engine gives the same digits. */

const ROOT_2PI = 2.5066282746310002;
/** ln 2 in two parts (fdlibm's): an exponent times the first is exact. */
const LN2_HIGH = 0.6931471803691238;
const LN2_LOW = 1.9082149292705877e-10;
/** 1/k! down from k = 14: of |r| <= ln(2)/2 the next term is below 1e-19. */
const INVERSE_FACTORIALS = Array.from({ length: 15 }, (_, i) => {
  let factorial = 1;
  for (let k = 2; k <= 14 - i; k++) factorial *= k;
  return 1 / factorial;
});

/** Beyond this many standard deviations there is less than 1e-22 of it. */
export const FAR = 10;

/** The density of N(0, 1), relative error about 1e-15. */
export function density(x: number): number {
  if (Math.abs(x) > 37) return 0;
  const y = -0.5 * x * x;
  const k = Math.round(y / Math.LN2);
  const r = y - k * LN2_HIGH - k * LN2_LOW;
  let sum = 0;
  for (const c of INVERSE_FACTORIALS) sum = sum * r + c;
  return (sum * 2 ** k) / ROOT_2PI;
}

/** The share of N(0, 1) above x >= 0, relative error about 1e-14 up to x = 30. */
export function upperTail(x: number): number {
  if (x === Infinity) return 0;
  if (x < 2.5) {
    // Phi(x) - 1/2 = density * (x + x^3/3 + x^5/15 + ...), all terms positive.
    let term = x;
    let sum = x;
    for (let k = 3; term > sum * 1e-17; k += 2) {
      term *= (x * x) / k;
      sum += term;
    }
    return 0.5 - density(x) * sum;
  }
  // Laplace's continued fraction, from the far end.
  let fraction = x;
  for (let k = 120; k >= 1; k--) fraction = x + k / fraction;
  return density(x) / fraction;
}

/** Integrals of 1, x and x^2 against the density from a to b (either may be infinite). */
export function moments(a: number, b: number): [number, number, number] {
  const mass =
    a >= 0 ? upperTail(a) - upperTail(b) : b <= 0 ? upperTail(-b) - upperTail(-a) : 1 - upperTail(b) - upperTail(-a);
  const [fa, fb] = [density(a), density(b)];
  const edge = (x: number, f: number) => (f === 0 ? 0 : x * f);
  return [mass, fa - fb, mass + edge(a, fa) - edge(b, fb)];
}

/** Gauss and Legendre's nodes in [0, 1] and weights, three and five points. */
const THREE = [
  [0.1127016653792583, 0.2777777777777778],
  [0.5, 0.4444444444444444],
  [0.8872983346207417, 0.2777777777777778],
] as const;
const FIVE = [
  [0.04691007703066802, 0.11846344252809454],
  [0.23076534494715845, 0.23931433524968324],
  [0.5, 0.28444444444444444],
  [0.7692346550528415, 0.23931433524968324],
  [0.9530899229693319, 0.11846344252809454],
] as const;

/**
 * Integral of (x - p) (x - q) against the density from a to b, which holds neither p nor q inside. Narrow stretches are
 * summed at points, where differences of closed forms would lose all digits.
 */
export function squareIntegral(a: number, b: number, p: number, q: number): number {
  const width = b - a;
  if (width > 0.25) {
    const [m0, m1, m2] = moments(a, b);
    return m2 - (p + q) * m1 + p * q * m0;
  }
  let sum = 0;
  for (const [node, weight] of width > 0.005 ? FIVE : THREE) {
    const x = a + node * width;
    sum += weight * (x - p) * (x - q) * density(x);
  }
  return sum * width;
}

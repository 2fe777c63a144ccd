/** The largest eigenvalue of a symmetric matrix that is known by its products with vectors alone, and HAWQ's scores of it. */
import { threefry2x32 } from "../../random/threefry.ts";

/** H v for the vector v, in an array of the caller's own or a new one. */
export type Product = (v: Float64Array) => Promise<Float64Array>;

export interface PowerOptions {
  seed: number;
  /** Relative change of the eigenvalue below which it has settled (HAWQ: 1e-3). */
  tolerance?: number;
  /** Products at most. */
  most?: number;
}

export interface TopEigenvalue {
  /** The one of largest magnitude, with its sign. */
  value: number;
  /** Its eigenvector, of length 1; all zero where the matrix is. */
  vector: Float64Array;
  /** Products that were taken. */
  products: number;
  /** Whether its change fell below the tolerance, twice in a row. */
  settled: boolean;
  /** |H v - value v| over |value|: some eigenvalue is within so much of it. */
  residual: number;
}

/** The stream of the generator that draws first vectors. */
const STREAM = 0xe16e;

/**
 * Power iteration with Rayleigh's quotient (HAWQ, arXiv 1905.03696, algorithm 1; 20 to 50 products). It may stop early where the two largest
 * eigenvalues are close, which the residual tells. `n`: rows of the matrix.
 */
export async function topEigenvalue(
  n: number,
  product: Product,
  { seed, tolerance = 1e-3, most = 100 }: PowerOptions,
): Promise<TopEigenvalue> {
  let v = firstVector(n, seed);
  let value = Number.NaN;
  let small = 0;
  let residual = Number.NaN;
  for (let products = 1; products <= most; products++) {
    const hv = await product(v);
    const next = dot(v, hv);
    residual = Math.sqrt(hv.reduce((sum, x, i) => sum + (x - next * v[i]) ** 2, 0)) / Math.abs(next);
    const norm = Math.sqrt(dot(hv, hv));
    if (norm === 0) return { value: 0, vector: new Float64Array(n), products, settled: true, residual: 0 };
    if (!Number.isFinite(norm)) return { value: Number.NaN, vector: v, products, settled: false, residual: Number.NaN };
    small = Math.abs(next - value) <= tolerance * Math.abs(next) ? small + 1 : 0;
    value = next;
    if (small >= 2) return { value, vector: v, products, settled: true, residual };
    v = hv.map((x) => x / norm);
  }
  return { value, vector: v, products: most, settled: false, residual };
}

/** HAWQ's order of tensors: the eigenvalue over the number of weights; a larger one wants more bits. */
export const hawqScore = (eigenvalue: number, elements: number): number => eigenvalue / elements;

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}

/** Uniform in every element, of length 1. */
function firstVector(n: number, seed: number): Float64Array {
  const word = new Uint32Array(2);
  const v = Float64Array.from({ length: n }, (_, i) => {
    threefry2x32(seed, STREAM, i, 0, word);
    return word[0] / 2 ** 31 - 1;
  });
  const norm = Math.sqrt(dot(v, v));
  return v.map((x) => x / norm);
}

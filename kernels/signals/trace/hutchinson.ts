/** The trace of a symmetric matrix that is known by its products with vectors alone, and HAWQ-V2's measure of a mix. */

import type { Dense } from "../../linalg/dense.ts";
import { threefry2x32 } from "../../random/threefry.ts";

export interface TraceOptions {
  seed: number;
  /** Relative change of the mean below which it stops (HAWQ-V2: 1e-3). */
  tolerance?: number;
  /** Samples at the least, and at the most. */
  least?: number;
  most?: number;
}

export interface Trace {
  value: number;
  /** Standard error of the mean; null of one sample. */
  error: number | null;
  samples: number;
  settled: boolean;
}

/** The stream of the generator that draws signs. */
const STREAM = 0x7ace;

/** Signs, +1 or -1 with equal chances: the vector `sample` of a seed; `part` tells the vectors of several matrices apart. */
export function rademacher(n: number, seed: number, sample: number, part = 0): Float32Array {
  const word = new Uint32Array(2);
  const out = new Float32Array(n);
  for (let i = 0; i < n; i++) {
    const bit = i % 64;
    if (bit === 0) threefry2x32(seed, (STREAM + 65536 * part) >>> 0, i / 64, sample, word);
    out[i] = (word[bit >> 5] >>> (bit & 31)) & 1 ? 1 : -1;
  }
  return out;
}

/**
 * Hutchinson's estimate: the mean of z^T H z over vectors of signs (HAWQ-V2, arXiv 1911.03852). Without bias; a sample's variance is
 * 2 (|H|_F^2 - sum of h_ii^2), so that one sample is exact where H is diagonal. `n`: rows of the matrix.
 */
export async function hutchinson(
  n: number,
  product: (z: Float64Array) => Promise<Float64Array>,
  { seed, tolerance = 1e-3, least = 10, most = 500 }: TraceOptions,
): Promise<Trace> {
  const samples = new TraceSamples(tolerance, least);
  for (let s = 0; s < most && !samples.settled; s++) {
    const z = Float64Array.from(rademacher(n, seed, s));
    const hz = await product(z);
    let sum = 0;
    for (let i = 0; i < n; i++) sum += z[i] * hz[i];
    samples.add(sum);
  }
  return samples.trace;
}

/** The mean of samples as they come, and whether it still moves. */
export class TraceSamples {
  readonly #tolerance: number;
  readonly #least: number;
  #count = 0;
  #mean = 0;
  #square = 0;
  #change = Number.POSITIVE_INFINITY;

  constructor(tolerance: number, least: number) {
    this.#tolerance = tolerance;
    this.#least = least;
  }

  add(sample: number): void {
    const step = (sample - this.#mean) / ++this.#count;
    this.#square += (sample - this.#mean) * (sample - this.#mean - step);
    this.#mean += step;
    this.#change = this.#count > 1 ? Math.abs(step) : Number.POSITIVE_INFINITY;
  }

  /** Whether the last sample moved the mean by less than the tolerance. */
  get settled(): boolean {
    return this.#count >= this.#least && this.#change <= this.#tolerance * Math.abs(this.#mean);
  }

  get trace(): Trace {
    const n = this.#count;
    const error = n > 1 ? Math.sqrt(this.#square / (n - 1) / n) : null;
    return { value: n > 0 ? this.#mean : Number.NaN, error, samples: n, settled: this.settled };
  }
}

/** The variance of one sample: 2 (|H|_F^2 - sum of h_ii^2). */
export function sampleVariance({ rows, values }: Dense): number {
  let sum = 0;
  for (let i = 0; i < rows; i++) for (let j = 0; j < rows; j++) if (i !== j) sum += values[i * rows + j] ** 2;
  return 2 * sum;
}

/** HAWQ-V2's Omega of a mix: the sum over tensors of mean trace (trace over the number of weights) times squared change. */
export function omega(meanTraces: ArrayLike<number>, squaredChanges: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < meanTraces.length; i++) sum += meanTraces[i] * squaredChanges[i];
  return sum;
}

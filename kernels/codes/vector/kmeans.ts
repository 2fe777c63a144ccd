/**
 * A codebook of vectors by k-means (Lloyd 1982), in float64 and a fixed order, from vectors drawn by a seed: the same on every machine.
 */
import { threefry2x32 } from "../../random/threefry.ts";
import { Nearest } from "./nearest.ts";

/** Vectors to learn from: a tensor's own are thinned out evenly to so many. */
const MOST_LEARNT = 2 ** 15;
const ROUNDS = 12;
/** Vectors between two looks at whoever may cancel. */
const PACED = 1024;
/** Stream of the draw, among those of the seed. */
const STREAM = 0x7662;

/** `count` vectors of `dim` numbers, one after the other. */
export interface Vectors {
  dim: number;
  count: number;
  values: Float32Array;
}

/** Whether all numbers of the i-th vector are finite. */
export function isFiniteVector({ dim, values }: Vectors, i: number): boolean {
  for (let k = i * dim; k < (i + 1) * dim; k++) if (values[k] - values[k] !== 0) return false;
  return true;
}

/** The nearest of the centres, by the sum of squares in the order of the dimensions; the first among equals. */
export function nearest(values: ArrayLike<number>, from: number, dim: number, centres: ArrayLike<number>): number {
  let [best, least] = [0, Infinity];
  const k = centres.length / dim;
  for (let c = 0, at = 0; c < k; c++, at += dim) {
    let sum = 0;
    for (let d = 0; d < dim; d++) {
      const e = values[from + d] - centres[at + d];
      sum += e * e;
    }
    if (sum < least) [best, least] = [c, sum];
  }
  return best;
}

/** Evenly spaced finite vectors, no more than are learnt from. */
function learnt(vectors: Vectors): Float32Array {
  const step = Math.max(1, Math.floor(vectors.count / MOST_LEARNT));
  const out: number[] = [];
  for (let i = 0; i < vectors.count; i += step) {
    if (isFiniteVector(vectors, i)) for (let d = 0; d < vectors.dim; d++) out.push(vectors.values[i * vectors.dim + d]);
  }
  return Float32Array.from(out);
}

/**
 * k centres, row-major k x dim. Zeros where no vector is finite. `pace` is called between rounds and may reject.
 */
export async function kmeans(
  vectors: Vectors,
  k: number,
  seed: number,
  pace: (done: number, total: number) => Promise<void>,
): Promise<Float64Array> {
  const { dim } = vectors;
  const values = learnt(vectors);
  const count = values.length / dim;
  const centres = new Float64Array(k * dim);
  if (count === 0) return centres;
  const word = new Uint32Array(2);
  for (let c = 0; c < k; c++) {
    threefry2x32(seed, STREAM, c, 0, word);
    const from = (word[0] % count) * dim;
    for (let d = 0; d < dim; d++) centres[c * dim + d] = values[from + d];
  }
  const nearest = await Nearest.of(centres, dim);
  const own = new Uint32Array(PACED);
  for (let round = 0; round < ROUNDS; round++) {
    const sums = new Float64Array(k * dim);
    const members = new Float64Array(k);
    nearest.set(centres);
    for (let from = 0; from < count; from += PACED) {
      await pace(round + from / count, ROUNDS);
      const to = Math.min(count, from + PACED);
      nearest.find(values.subarray(from * dim, to * dim), own.subarray(0, to - from));
      for (let i = from; i < to; i++) {
        const c = own[i - from];
        members[c]++;
        for (let d = 0; d < dim; d++) sums[c * dim + d] += values[i * dim + d];
      }
    }
    let moved = false;
    for (let c = 0; c < k; c++) {
      // A centre that nobody is near to stays where it is.
      if (members[c] === 0) continue;
      for (let d = c * dim; d < (c + 1) * dim; d++) {
        const mean = sums[d] / members[c];
        if (mean !== centres[d]) moved = true;
        centres[d] = mean;
      }
    }
    if (!moved) break;
  }
  return centres;
}

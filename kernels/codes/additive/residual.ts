/** Residual codebooks: each by k-means over what the ones before it leave. */
import { threefry2x32 } from "../../random/threefry.ts";
import { BookSearch } from "./search.ts";

/** Stream of the draw, among those of the seed. */
const STREAM = 0x6171;
/** Rounds of k-means with few centres, and with many. */
const [ROUNDS, FEW_ROUNDS] = [10, 3];
/** Products between two looks at whoever may cancel: some 20 ms. */
export const PACED = 2 ** 26;

export interface Vectors {
  dim: number;
  /** One after the other. */
  values: Float64Array;
}

/** `books` codebooks of k centres, k x dim in float64 each. Changes `values` into what they leave. */
export async function residualBooks(
  { dim, values }: Vectors,
  shape: { books: number; k: number; seed: number },
  pace: (share: number) => Promise<void>,
): Promise<Float64Array[]> {
  const { books, k, seed } = shape;
  const count = values.length / dim;
  const search = await BookSearch.start({ dim, k, books: 1, beam: 1 });
  const found: Float64Array[] = [];
  const own = new Uint32Array(count);
  const rounds = k > 1024 ? FEW_ROUNDS : ROUNDS;
  const paced = Math.max(1, Math.floor(PACED / (k * dim)));
  const word = new Uint32Array(2);
  for (let m = 0; m < books; m++) {
    const centres = new Float64Array(k * dim);
    for (let c = 0; c < k && count > 0; c++) {
      threefry2x32(seed, STREAM, c, m, word);
      const from = (word[0] % count) * dim;
      centres.set(values.subarray(from, from + dim), c * dim);
    }
    for (let round = 0; round <= rounds; round++) {
      search.set([centres], null);
      const sums = new Float64Array(k * dim);
      const members = new Float64Array(k);
      for (let i = 0; i < count; i++) {
        if (i % paced === 0) await pace((m + (round + i / count) / (rounds + 1)) / books);
        search.find(values.subarray(i * dim, (i + 1) * dim), null, own, i);
        members[own[i]]++;
        for (let d = 0; d < dim; d++) sums[own[i] * dim + d] += values[i * dim + d];
      }
      if (round === rounds) break;
      for (let c = 0; c < k; c++) {
        // A centre that nobody is near to stays where it is.
        if (members[c] > 0) for (let d = c * dim; d < (c + 1) * dim; d++) centres[d] = sums[d] / members[c];
      }
    }
    for (let i = 0; i < count; i++) for (let d = 0; d < dim; d++) values[i * dim + d] -= centres[own[i] * dim + d];
    found.push(centres);
  }
  return found;
}

/** The least, the middle and the greatest of many float32. */
export interface Spread {
  min: number;
  median: number;
  max: number;
}

const BUCKETS = 2 ** 16;

/** In the order of the numbers, as an unsigned integer. -0 comes before +0. */
const ordered = (bits: number): number => (bits & 0x80000000 ? ~bits : bits ^ 0x80000000) >>> 0;
const unordered = (key: number): number => (key & 0x80000000 ? key ^ 0x80000000 : ~key) >>> 0;

const word = new Uint32Array(1);
const float = new Float32Array(word.buffer);

function decodeKey(key: number): number {
  word[0] = unordered(key);
  return float[0];
}

/**
 * The spread of the finite values: NaN in all three where there are none. The median is the upper of two. Found by
 * counting the values' upper halves and then the lower halves of those that share the median's, without sorting.
 */
export function spreadOf(values: Float32Array): Spread {
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
  const counts = new Uint32Array(BUCKETS);
  let [least, most, n] = [0xffffffff, 0, 0];
  for (let i = 0; i < bits.length; i++) {
    if ((bits[i] & 0x7f800000) === 0x7f800000) continue;
    const key = ordered(bits[i]);
    if (key < least) least = key;
    if (key > most) most = key;
    counts[key >>> 16]++;
    n++;
  }
  if (n === 0) return { min: Number.NaN, median: Number.NaN, max: Number.NaN };
  let left = n >> 1;
  const upper = findRank(counts, left);
  left -= upper.before;
  counts.fill(0);
  for (let i = 0; i < bits.length; i++) {
    const key = ordered(bits[i]);
    if (key >>> 16 === upper.bucket) counts[key & 0xffff]++;
  }
  const median = ((upper.bucket << 16) | findRank(counts, left).bucket) >>> 0;
  return { min: decodeKey(least), median: decodeKey(median), max: decodeKey(most) };
}

/** The bucket that holds the element of this rank, and how many lie before it. */
export function findRank(counts: Uint32Array | Int32Array, rank: number): { bucket: number; before: number } {
  let [bucket, before] = [0, 0];
  while (before + counts[bucket] <= rank) before += counts[bucket++];
  return { bucket, before };
}

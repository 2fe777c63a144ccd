/** Where learned rotations begin. */
import { threefry2x32 } from "../../random/threefry.ts";
import { randomOrthogonal } from "../orth/random.ts";

const STREAM = 2049;

/** A rotation drawn by seed, row-major. */
export const drawnRotation = (n: number, seed: number): Float64Array<ArrayBuffer> =>
  Float64Array.from(randomOrthogonal(n, seed >>> 0, STREAM));

/** Sylvester's Hadamard matrix over the root of n, or a random rotation where n is no power of two. */
export function sylvester(n: number, seed: number): Float64Array<ArrayBuffer> {
  if ((n & (n - 1)) !== 0) return drawnRotation(n, seed);
  const out = new Float64Array(n * n);
  const size = 1 / Math.sqrt(n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) {
      let odd = 0;
      for (let bits = i & j; bits > 0; bits &= bits - 1) odd ^= 1;
      out[i * n + j] = odd ? -size : size;
    }
  }
  return out;
}

/** The same behind random signs: x diag(s) H. */
export function randomisedHadamard(n: number, seed: number): Float64Array<ArrayBuffer> {
  const out = sylvester(n, seed);
  const word = new Uint32Array(2);
  for (let i = 0; i < n; i++) {
    threefry2x32(seed, STREAM, i, 0, word);
    if (word[0] >>> 31) for (let j = 0; j < n; j++) out[i * n + j] *= -1;
  }
  return out;
}

import { randomOrthogonal } from "../orth/random.ts";
import type { RowTransform } from "../row-transform.ts";
import type { MonarchRotation } from "./index.ts";

interface Factors {
  /** b blocks of n x n. */
  right: Float64Array[];
  /** n blocks of b x b. */
  left: Float64Array[];
}

const MOST_KEPT = 4;
const kept = new Map<string, Factors>();

/** Blocks drawn by seed, each from draws of its own; made on first use. */
function factorsOf(key: string, { b, n, seed, stream }: MonarchRotation): Factors {
  const known = kept.get(key);
  if (known) return known;
  // Seeds of blocks follow one another, modulo 2^32.
  const block = (k: number, size: number) => randomOrthogonal(size, (seed + k * 0x9e3779b1) >>> 0, stream);
  const made = {
    right: Array.from({ length: b }, (_, k) => block(k, n)),
    left: Array.from({ length: n }, (_, j) => block(b + j, b)),
  };
  if (kept.size === MOST_KEPT) kept.delete(kept.keys().next().value!);
  kept.set(key, made);
  return made;
}

/**
 * y[(l, j)] = sum over k of L_j[l, k] sum over i of R_k[j, i] x[(k, i)], of rows of b n values; each sum in float64, rounded once at the
 * end. Both factors are orthogonal, so the inverse is that of each in turn.
 */
export function monarchRotation(params: MonarchRotation): RowTransform {
  const { b, n, seed, stream } = params;
  const cols = b * n;
  const key = `monarch ${b},${n},${seed},${stream}`;
  const middle = new Float64Array(cols);
  const forward = (x: Float32Array | Float64Array, from: number, count: number) => {
    const { right, left } = factorsOf(key, params);
    for (let at = from; at < from + count; at += cols) {
      for (let k = 0; k < b; k++)
        for (let j = 0; j < n; j++) {
          let sum = 0;
          for (let i = 0; i < n; i++) sum += right[k][j * n + i] * x[at + k * n + i];
          middle[j * b + k] = sum;
        }
      for (let j = 0; j < n; j++)
        for (let l = 0; l < b; l++) {
          let sum = 0;
          for (let k = 0; k < b; k++) sum += left[j][l * b + k] * middle[j * b + k];
          x[at + l * n + j] = sum;
        }
    }
  };
  const inverse = (x: Float32Array, from: number, count: number) => {
    const { right, left } = factorsOf(key, params);
    for (let at = from; at < from + count; at += cols) {
      for (let j = 0; j < n; j++)
        for (let k = 0; k < b; k++) {
          let sum = 0;
          for (let l = 0; l < b; l++) sum += left[j][l * b + k] * x[at + l * n + j];
          middle[j * b + k] = sum;
        }
      for (let k = 0; k < b; k++)
        for (let i = 0; i < n; i++) {
          let sum = 0;
          for (let j = 0; j < n; j++) sum += right[k][j * n + i] * middle[j * b + k];
          x[at + k * n + i] = sum;
        }
    }
  };
  return { name: "monarch", key, block: cols, dual: { kind: "rows", apply: forward }, forward, inverse };
}

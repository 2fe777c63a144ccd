/** Block-diagonal matrices, as their square blocks below each other, n x block; and products with them. */
import { type Dense, dense } from "../../linalg/index.ts";
import { solveRidged } from "../thin/small.ts";

/** Ones on the diagonal. */
export function unit(n: number, block: number): Dense {
  const out = dense(n, block);
  for (let i = 0; i < n; i++) out.values[i * block + (i % block)] = 1;
  return out;
}

type Look = () => Promise<void>;

/** A X, or A^T X, of a block-diagonal A. */
export async function fromLeft(a: Dense, x: Dense, transpose: boolean, look: Look): Promise<Dense> {
  const { rows, cols } = x;
  const block = a.cols;
  const out = dense(rows, cols);
  for (let i = 0; i < rows; i++) {
    if (i % block === 0) await look();
    const first = i - (i % block);
    for (let p = 0; p < block; p++) {
      const f = transpose ? a.values[(first + p) * block + (i % block)] : a.values[i * block + p];
      if (f === 0) continue;
      const from = (first + p) * cols;
      for (let c = 0; c < cols; c++) out.values[i * cols + c] += f * x.values[from + c];
    }
  }
  return out;
}

/** X B, or X B^T, of a block-diagonal B. */
export async function fromRight(x: Dense, b: Dense, transpose: boolean, look: Look): Promise<Dense> {
  const { rows, cols } = x;
  const block = b.cols;
  const out = dense(rows, cols);
  for (let i = 0; i < rows; i++) {
    if (i % block === 0) await look();
    for (let c0 = 0; c0 < cols; c0 += block) {
      const at = i * cols + c0;
      for (let p = 0; p < block; p++) {
        const v = x.values[at + p];
        if (v === 0) continue;
        if (transpose) for (let j = 0; j < block; j++) out.values[at + j] += v * b.values[(c0 + j) * block + p];
        else for (let j = 0; j < block; j++) out.values[at + j] += v * b.values[(c0 + p) * block + j];
      }
    }
  }
  return out;
}

/** The block-diagonal A with the least weighted sum of (W - A Y)^2, `weights` by column: each row by itself. */
export async function bestLeft(w: Dense, y: Dense, weights: Float64Array, block: number, look: Look): Promise<Dense> {
  const { rows, cols } = w;
  const out = dense(rows, block);
  const system = new Float64Array(block * block);
  for (let first = 0; first < rows; first += block) {
    await look();
    system.fill(0);
    for (let i = 0; i < block; i++)
      for (let j = 0; j <= i; j++) {
        let sum = 0;
        const [a, b] = [(first + i) * cols, (first + j) * cols];
        for (let c = 0; c < cols; c++) sum += weights[c] * y.values[a + c] * y.values[b + c];
        system[i * block + j] = sum;
      }
    for (let r = 0; r < block; r++) {
      const own = out.values.subarray((first + r) * block, (first + r + 1) * block);
      const at = (first + r) * cols;
      for (let j = 0; j < block; j++) {
        let sum = 0;
        const b = (first + j) * cols;
        for (let c = 0; c < cols; c++) sum += weights[c] * w.values[at + c] * y.values[b + c];
        own[j] = sum;
      }
      solveRidged(system.slice(), own, block);
    }
  }
  return out;
}

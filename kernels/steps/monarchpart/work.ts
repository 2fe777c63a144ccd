import type { Split, StepJob } from "../step.ts";
import { finiteOf } from "../thin/fit.ts";
import { type Part, partOfSplit } from "../thin/part.ts";
import type { MonarchParams } from "./index.ts";

const MOST_ROUNDS = 200;
/** A round that raises the squared singular value by less than this share of it is the last. */
const SETTLED = 1e-10;

/** The nearest u v^T of a slice, both of one norm: power iteration from its largest row. */
function rankOne(slice: Float64Array, rows: number, cols: number, u: Float64Array, v: Float64Array): void {
  let [first, most] = [0, -1];
  for (let r = 0; r < rows; r++) {
    let norm = 0;
    for (let c = 0; c < cols; c++) norm += slice[r * cols + c] ** 2;
    if (norm > most) [first, most] = [r, norm];
  }
  for (let c = 0; c < cols; c++) v[c] = slice[first * cols + c];
  let before = 0;
  for (let round = 0; round < MOST_ROUNDS; round++) {
    if (round > 0) {
      v.fill(0);
      for (let r = 0; r < rows; r++) for (let c = 0; c < cols; c++) v[c] += slice[r * cols + c] * u[r];
    }
    let norm = 0;
    for (let c = 0; c < cols; c++) norm += v[c] * v[c];
    if (norm === 0) break;
    for (let c = 0; c < cols; c++) v[c] /= Math.sqrt(norm);
    let square = 0;
    for (let r = 0; r < rows; r++) {
      u[r] = 0;
      for (let c = 0; c < cols; c++) u[r] += slice[r * cols + c] * v[c];
      square += u[r] * u[r];
    }
    if (square - before <= SETTLED * square) break;
    before = square;
  }
  // |v| = 1 and |u| the singular value.
  let length = 0;
  for (let r = 0; r < rows; r++) length += u[r] * u[r];
  const root = length ** 0.25;
  for (let r = 0; r < rows; r++) u[r] = root > 0 ? u[r] / root : 0;
  for (let c = 0; c < cols; c++) v[c] = root > 0 ? v[c] * root : 0;
}

/**
 * W[(l, j), (k, i)] = L_j[l, k] R_k[j, i]: of every j and k the slice over l and i is of rank one, and the nearest such is known by its
 * largest singular vectors (section 3 of the paper). `left` holds L_j below each other, b rows / b x b; `right` R_k, b b x cols / b.
 */
async function project(values: Float64Array, rows: number, cols: number, b: number, job: StepJob) {
  const [outer, inner] = [rows / b, cols / b];
  const left = new Float32Array(rows * b);
  const right = new Float32Array(b * cols);
  const slice = new Float64Array(outer * inner);
  const [u, v] = [new Float64Array(outer), new Float64Array(inner)];
  for (let j = 0; j < b; j++) {
    for (let k = 0; k < b; k++) {
      await job.checkpoint(j * b + k, b * b, "slices");
      for (let l = 0; l < outer; l++)
        for (let i = 0; i < inner; i++) slice[l * inner + i] = values[(l * b + j) * cols + k * inner + i];
      u.fill(0);
      v.fill(0);
      rankOne(slice, outer, inner, u, v);
      for (let l = 0; l < outer; l++) left[(j * outer + l) * b + k] = u[l];
      for (let i = 0; i < inner; i++) right[(k * b + j) * inner + i] = v[i];
    }
  }
  return { left, right };
}

function productOf(left: Float32Array, right: Float32Array, rows: number, cols: number, b: number): Float32Array {
  const [outer, inner] = [rows / b, cols / b];
  const out = new Float32Array(rows * cols);
  for (let l = 0; l < outer; l++)
    for (let j = 0; j < b; j++)
      for (let k = 0; k < b; k++) {
        const u = left[(j * outer + l) * b + k];
        const at = (l * b + j) * cols + k * inner;
        for (let i = 0; i < inner; i++) out[at + i] = u * right[(k * b + j) * inner + i];
      }
  return out;
}

export const work: Split<MonarchParams, Part> = {
  ...partOfSplit,
  async fit({ b, factors }, operand, job) {
    const { rows, cols } = operand;
    const { left, right } = await project(finiteOf(operand).values, rows, cols, b, job);
    const side = [
      await job.store(`left factor, ${b} blocks`, { rows, cols: b, values: left }, factors),
      await job.store(`right factor, ${b} blocks`, { rows: b * b, cols: cols / b, values: right }, factors),
    ];
    return { product: productOf(side[0].values, side[1].values, rows, cols, b), side, notes: [] };
  },
};

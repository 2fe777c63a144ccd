/** Fewer dimensions by principal components: rows less their mean, on the strongest axes of their covariance. */

import { denseRows } from "../linalg/dense.ts";
import { type Dense, dense, eigh, multiply, type Run, startGram } from "../linalg/index.ts";
import { pieces, type Vectors } from "./sources.ts";

/** Components of every row, and the share of the rows' variance that they hold. */
export interface Principal {
  values: Float32Array<ArrayBuffer>;
  keep: number;
  share: number;
}

/** The mean row. */
async function meanOf(vectors: Vectors): Promise<Float64Array> {
  const mean = new Float64Array(vectors.cols);
  for await (const { values } of pieces(vectors))
    for (let i = 0; i < values.length; i++) mean[i % vectors.cols] += values[i];
  return mean.map((sum) => sum / vectors.rows);
}

const less = (values: Float32Array, mean: Float64Array): Float32Array =>
  values.map((x, i) => x - mean[i % mean.length]);

/**
 * Projects rows onto their `keep` strongest principal axes. Values must be finite. Throws RangeError for a `keep` that is not 1 to the
 * number of columns; LinalgError where it does not fit or converge.
 */
export async function principal(vectors: Vectors, keep: number, run: Run = {}): Promise<Principal> {
  const { rows, cols } = vectors;
  if (!Number.isInteger(keep) || keep < 1 || keep > cols) {
    throw new RangeError(`${keep} of ${cols} components cannot be kept`);
  }
  const mean = await meanOf(vectors);
  const sum = await startGram(cols, run);
  for await (const { values } of pieces(vectors)) await sum.add(less(values, mean));
  const { values: strengths, vectors: axes } = await eigh(await sum.finish(), run);
  const order = Array.from(strengths.keys()).reverse();
  const chosen: Dense = dense(cols, keep);
  for (let r = 0; r < cols; r++) {
    for (let c = 0; c < keep; c++) chosen.values[r * keep + c] = axes.values[r * cols + order[c]];
  }
  const out = new Float32Array(rows * keep);
  for await (const { from, values } of pieces(vectors)) {
    const part = await multiply(denseRows(less(values, mean), cols), chosen, {}, run);
    out.set(Float32Array.from(part.values), from * keep);
  }
  const total = strengths.reduce((a, b) => a + Math.max(0, b), 0);
  const held = order.slice(0, keep).reduce((a, i) => a + Math.max(0, strengths[i]), 0);
  return { values: out, keep, share: total > 0 ? held / total : 1 };
}

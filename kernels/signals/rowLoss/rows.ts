/**
 * MixLLM (arXiv 2412.14590): the rows of all layers in one order by what their rounding does to the loss, of which the first get eight bits
 * and the others four.
 */

import type { Dense } from "../../linalg/dense.ts";
import { outputTerms } from "../outputError/work.ts";

/** A layer's rows, as they are ranked. */
export interface RankedLayer {
  /** Columns: what a row takes. */
  cols: number;
  /** Of each row: what four bits do to the loss. */
  loss: Float64Array;
}

/**
 * Of each row the mean over samples of |s + s^2 / 2|, s = sum over columns of gradient times change: the loss's change in second order
 * by a Fisher matrix of rank one, sample by sample.
 *
 * @param gradients of each sample, rows x cols as the weight
 * @param change Q4(W) - W
 * @returns NaN for a row whose gradients or changes are not finite
 */
export function fisherRows(
  gradients: readonly ArrayLike<number>[],
  change: ArrayLike<number>,
  cols: number,
): Float64Array {
  const out = new Float64Array(cols === 0 ? 0 : change.length / cols);
  for (const gradient of gradients) {
    for (let r = 0; r < out.length; r++) {
      let s = 0;
      for (let i = r * cols; i < (r + 1) * cols; i++) s += gradient[i] * change[i];
      out[r] += Math.abs(s + (s * s) / 2) / gradients.length;
    }
  }
  return out;
}

/**
 * Where there are no gradients: half of each row's squared output error a token, d H d^T / 2 over the tokens of H. Rows of different layers
 * are then compared by what they do to their own outputs, which is not what these do to the loss.
 *
 * @param gram of the inputs, over so many tokens
 */
export async function outputRows(
  values: Float32Array,
  results: Float32Array,
  gram: Dense,
  tokens: number,
): Promise<Float64Array> {
  const rows = { row0: 0, rows: values.length / gram.cols, cols: gram.cols, values, results, calibration: null };
  const { error } = await outputTerms(rows, gram, tokens);
  return error.map((sum) => sum / 2);
}

export interface RowChoice {
  /** Of each layer, by row: 1 where it gets eight bits. */
  high: Uint8Array[];
  /** What the rows in four bits do to the loss. */
  loss: number;
  /** Over all weights, codes alone. */
  bitsPerWeight: number;
}

/** Rows with the largest loss first; the first layer and row of equals, and NaN (which nothing is known of) before all. */
function order(rows: { layer: number; row: number; loss: number }[]): typeof rows {
  const key = (loss: number) => (Number.isNaN(loss) ? Number.POSITIVE_INFINITY : loss);
  return rows.sort((a, b) => {
    const [x, y] = [key(a.loss), key(b.loss)];
    return x === y ? a.layer - b.layer || a.row - b.row : y - x;
  });
}

const rowsOf = ({ loss }: RankedLayer, layer: number) => Array.from(loss, (l, row) => ({ layer, row, loss: l }));

/** The share of all rows that gets eight bits, chosen from all layers together. */
export function chooseGlobally(layers: readonly RankedLayer[], share: number): RowChoice {
  const all = order(layers.flatMap(rowsOf));
  return choice(layers, all.slice(0, Math.round(share * all.length)));
}

/** The same share of each layer's rows by itself. */
export function chooseByLayer(layers: readonly RankedLayer[], share: number): RowChoice {
  return choice(
    layers,
    layers.flatMap((layer, l) => order(rowsOf(layer, l)).slice(0, Math.round(share * layer.loss.length))),
  );
}

function choice(layers: readonly RankedLayer[], chosen: readonly { layer: number; row: number }[]): RowChoice {
  const high = layers.map(({ loss }) => new Uint8Array(loss.length));
  for (const { layer, row } of chosen) high[layer][row] = 1;
  let [loss, bits, weights] = [0, 0, 0];
  layers.forEach((of, l) => {
    of.loss.forEach((own, row) => {
      if (!high[l][row]) loss += own;
      bits += (high[l][row] ? 8 : 4) * of.cols;
      weights += of.cols;
    });
  });
  return { high, loss, bitsPerWeight: weights > 0 ? bits / weights : 0 };
}

const word = new DataView(new ArrayBuffer(4));

/**
 * An integer as a float by MixLLM's way of two instructions: added to the bits of 12582912 (0x4b400000), whose last place is 1, and
 * 12582912 taken off again. Exact below 2^22 in magnitude.
 */
export function fastFloat(value: number): number {
  word.setInt32(0, 0x4b400000 + value);
  return Math.fround(word.getFloat32(0) - 12582912);
}

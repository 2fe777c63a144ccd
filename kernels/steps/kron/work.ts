import { type Dense, dense, multiply, truncatedSvd } from "../../linalg/index.ts";
import type { Split } from "../step.ts";
import { energyOf, finiteOf, paceOf, rankNotes } from "../thin/fit.ts";
import { type Part, partOfSplit, single, wide } from "../thin/part.ts";
import type { KronParams } from "./index.ts";

/** Tiles of m x n as rows, those of a row of tiles after each other: W = sum of A_i x B_i is there a sum of vec(A_i) vec(B_i)^T. */
export function tilesAsRows({ rows, cols, values }: Dense, m: number, n: number, back = false): Dense {
  const across = cols / n;
  const out = back ? dense(rows, cols) : dense((rows / m) * across, m * n);
  for (let r = 0; r < rows; r++) {
    for (let c = 0; c < cols; c++) {
      const tile = Math.floor(r / m) * across + Math.floor(c / n);
      const at = tile * m * n + (r % m) * n + (c % n);
      if (back) out.values[r * cols + c] = values[at];
      else out.values[at] = values[r * cols + c];
    }
  }
  return out;
}

/** How many terms, where the data say: those that hold a share of all energy, or those before the largest second difference. */
export function termsOf(
  { pick, energy }: Pick<KronParams, "pick" | "energy">,
  singular: Float64Array,
  total: number,
): number {
  if (pick === "energy") {
    let held = 0;
    for (let k = 0; k < singular.length; k++) {
      held += singular[k] ** 2;
      if (held >= energy * total) return k + 1;
    }
    return singular.length;
  }
  let [bend, most] = [1, -Infinity];
  for (let k = 1; k + 1 < singular.length; k++) {
    const second = singular[k - 1] - 2 * singular[k] + singular[k + 1];
    if (second > most) [bend, most] = [k, second];
  }
  return bend;
}

export const work: Split<KronParams, Part> = {
  ...partOfSplit,
  async fit(params, operand, job) {
    const { rows, cols } = operand;
    const { m, n, most, factors } = params;
    const run = paceOf(job);
    const tiles = tilesAsRows(finiteOf(operand), m, n);
    const total = energyOf(tiles);
    const { singular, left, right } = await truncatedSvd(tiles, most, run);
    const k = params.k ? most : Math.max(1, termsOf(params, singular, total));
    const held = singular.subarray(0, k).reduce((sum, s) => sum + s * s, 0);
    const root = singular.map(Math.sqrt);
    const outer = dense(tiles.rows, k);
    const inner = dense(k, tiles.cols);
    for (let i = 0; i < tiles.rows; i++)
      for (let t = 0; t < k; t++) outer.values[i * k + t] = left.values[i * most + t] * root[t];
    for (let t = 0; t < k; t++)
      for (let j = 0; j < tiles.cols; j++)
        inner.values[t * tiles.cols + j] = right.values[t * tiles.cols + j] * root[t];
    const side = [
      await job.store("outer Kronecker factors", single(outer), factors),
      await job.store("inner Kronecker factors", single(inner), factors),
    ];
    const product = await multiply(wide(side[0]), wide(side[1]), {}, run);
    const whole = tilesAsRows({ rows, cols, values: product.values }, m, n, true);
    const share = total > 0 ? `, ${((100 * held) / total).toFixed(1)} % of the energy` : "";
    const notes = params.k === null ? [`kron: ${k} products are kept${share}`] : rankNotes("kron", params.k, k);
    return { product: new Float32Array(whole.values), side, notes };
  },
};

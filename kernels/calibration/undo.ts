import { type Dense, dense } from "../linalg/dense.ts";
import { multiply } from "../linalg/product.ts";
import { noPace, type Run } from "../linalg/run.ts";
import type { Dual } from "./dual.ts";

/** The dual as a matrix: x' = x M. */
async function matrixOf(dual: Exclude<Dual, { kind: "channels" }>, cols: number, run: Run): Promise<Dense> {
  if (dual.kind === "dense") return dual.matrix;
  const out = dense(cols, cols);
  const { pace = noPace } = run;
  for (let i = 0; i < cols; i++) {
    if (i % 64 === 0) await pace(i, cols);
    out.values[i * cols + i] = 1;
    dual.apply(out.values, i * cols, cols, 0);
  }
  return out;
}

/**
 * Rows of inputs on their way back through a dual: exactly where it moves, scales and shifts channels, by its own way back where it has one,
 * and by the transpose where it mixes them, as is right for orthogonal transforms (whoever relies on it checks that inputs come back).
 */
export async function undoDual(rows: Dense, dual: Dual, run: Run): Promise<Dense> {
  const { cols } = rows;
  if (dual.kind === "rows" && dual.undo) return undoneRows(rows, dual.undo, run);
  if (dual.kind !== "channels") return multiply(rows, await matrixOf(dual, cols, run), { transposeB: true }, run);
  const { from, factor, shift } = dual;
  const out = dense(rows.rows, cols);
  for (let at = 0; at < out.values.length; at += cols) {
    for (let c = 0; c < cols; c++) {
      const by = factor ? factor[c] : 1;
      out.values[at + (from ? from[c] : c)] = (by === 0 ? 0 : rows.values[at + c] / by) + (shift ? shift[c] : 0);
    }
  }
  return out;
}

async function undoneRows(
  { rows, cols, values }: Dense,
  undo: (values: Float64Array, at: number, count: number) => void,
  { pace = noPace }: Run,
): Promise<Dense> {
  const out = dense(rows, cols, values.slice());
  for (let r = 0; r < rows; r++) {
    if (r % 64 === 0) await pace(r, rows);
    undo(out.values, r * cols, cols);
  }
  return out;
}

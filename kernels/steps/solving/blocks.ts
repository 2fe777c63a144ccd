/** Columns that are coded several at a time, each block with the best linear feedback from the errors of the blocks before it. */
import { RecipeError } from "../../grammar/errors.ts";
import { BLOCK_COLUMNS, type Dense, feedBack, type Range, type Run, reverseCholesky } from "../../linalg/index.ts";
import type { ColumnEncoder, Matrix, SolverJob } from "../step.ts";
import { cut } from "./feedback.ts";
import type { Factoring } from "./hessian.ts";

/**
 * -A of H = (A + I) D (A + I)^T with A strictly upper triangular over blocks of `columns` columns, and D over blocks: with H = R R^T, A
 * is R times the inverses of its blocks on the diagonal (QuIP#'s block LDL decomposition, from the other end).
 */
export const blockFeedback = (columns: number): Pick<Factoring, "kind" | "factor"> => ({
  kind: `feedback over ${columns}`,
  async factor(matrix: Dense, run: Run): Promise<Dense> {
    const factor = await reverseCholesky(matrix, run);
    const { cols, values: r } = factor;
    for (let from = 0; from < cols; from += columns) {
      const to = Math.min(cols, from + columns);
      for (let i = 0; i < from; i++) solveRow(r, cols, i, from, to);
      for (let i = from; i < to; i++) r.fill(0, i * cols, i * cols + to);
    }
    return factor;
  },
});

/** r[i, from..to) becomes minus itself times the inverse of the upper triangular block r[from..to, from..to). */
function solveRow(r: Float64Array, cols: number, i: number, from: number, to: number): void {
  for (let j = from; j < to; j++) {
    let x = -r[i * cols + j];
    for (let k = from; k < j; k++) x -= r[i * cols + k] * r[k * cols + j];
    r[i * cols + j] = x / r[j * cols + j];
  }
}

/** Values that are held in float64 at once: 1 GiB. */
const MOST_HELD = 2 ** 27;

export interface BlockProblem {
  operand: Matrix;
  /** By column: 1 where values count as zero. */
  dead: Uint8Array;
  /** An error e of column i adds -e push[i][j] to column j of a later block. */
  push: Dense;
  columns: number;
}

/**
 * Codes a matrix block by block of columns. A value is rounded to float32 before it is coded; what is not finite, and what becomes so,
 * has no error. Errors are what a column lost of its first value, in float64, and go on in the order of the columns.
 */
export async function codeBlocks(problem: BlockProblem, coder: ColumnEncoder, job: SolverJob): Promise<void> {
  const { operand, dead, push, columns } = problem;
  const { rows, cols, values } = operand;
  if (rows * cols > MOST_HELD) {
    throw new RecipeError(
      `codes of several columns are chosen for ${MOST_HELD} values at most, and these are ${rows * cols}`,
    );
  }
  let done = 0;
  const first = (r: number, c: number) => (dead[c] === 1 ? 0 : values[r * cols + c]);
  const blocks = cut({ from: 0, to: cols }, Math.max(BLOCK_COLUMNS, columns), columns);
  const load = ({ from, to }: Range) => {
    const out = new Float64Array((to - from) * rows);
    for (let c = from; c < to; c++) for (let r = 0; r < rows; r++) out[(c - from) * rows + r] = first(r, c);
    return out;
  };
  const visit = async (b: number, now: Float64Array<ArrayBuffer>) => {
    const { from, to } = blocks[b];
    done = from;
    const errors = new Float64Array((to - from) * rows);
    for (let c = from; c < to; c += columns) {
      await job.checkpoint(c, cols, "columns");
      const asked = new Float32Array(rows * columns);
      const results = new Float32Array(rows * columns);
      for (let j = 0; j < columns; j++) {
        for (let r = 0; r < rows; r++) asked[r * columns + j] = now[(c - from + j) * rows + r];
      }
      await coder.encode(c, asked, results);
      for (let j = 0; j < columns; j++) {
        const own = errors.subarray((c - from + j) * rows, (c - from + j + 1) * rows);
        for (let r = 0; r < rows; r++) {
          const e = first(r, c + j) - results[r * columns + j];
          own[r] = e - e === 0 ? e : 0;
        }
        for (let k = c + columns; k < to; k++) subtract(push.values[(c + j) * cols + k], own, now, (k - from) * rows);
      }
    }
    return [errors];
  };
  await feedBack(
    { matrices: [push], rows, blocks, visits: blocks, onto: "after", load, visit },
    { pace: () => job.checkpoint(done, cols, "columns") },
  );
}

/** b -= factor a, over a column of b. */
function subtract(factor: number, a: Float64Array, b: Float64Array, to: number): void {
  for (let r = 0; r < a.length; r++) b[to + r] -= factor * a[r];
}

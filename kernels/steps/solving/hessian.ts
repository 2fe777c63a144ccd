import { type Calibration, partOf } from "../../calibration/index.ts";
import { RecipeError } from "../../grammar/errors.ts";
import { type Dense, dense, LinalgError, NotPositiveDefinite, type Run } from "../../linalg/index.ts";
import type { SolverJob } from "../step.ts";
import { contentKey } from "./content.ts";
import { Factors } from "./factors.ts";

/** The matrix H = (2 / tokens) X^T X (2 X^T X where their number is not known) of the loss 1/2 tr(dW H dW^T), columns in the order in which they are coded. */
export interface Hessian {
  /** cols x cols; 1 on the diagonal of dead columns. Not damped. */
  matrix: Dense;
  /** The column that is coded as the i-th. */
  order: Uint32Array;
  /** By column: 1 where no input ever reached it. */
  dead: Uint8Array;
  notes: string[];
}

/** The order of falling diagonal, the first of equals first; or columns as they stand. */
export function codingOrder(gram: Dense, order: "none" | "gram"): Uint32Array {
  const diagonal = Float64Array.from({ length: gram.cols }, (_, i) => gram.values[i * gram.cols + i]);
  const columns = Uint32Array.from(diagonal.keys());
  return order === "none" ? columns : columns.sort((a, b) => diagonal[b] - diagonal[a] || a - b);
}

/** Elements between two looks at whoever may cancel. */
const PACED = 2 ** 20;

/** Rows and columns of a square matrix in another order, times a factor. */
async function reordered({ cols, values }: Dense, order: Uint32Array, factor: number, job: SolverJob): Promise<Dense> {
  const out = dense(cols, cols);
  const paced = Math.max(1, Math.floor(PACED / cols));
  for (let i = 0; i < cols; i++) {
    if (i % paced === 0) await job.checkpoint(0, 1, "inputs");
    const from = order[i] * cols;
    for (let j = 0; j < cols; j++) out.values[i * cols + j] = factor * values[from + order[j]];
  }
  return out;
}

/** H of a calibration for `who`; `becomes` says what a column does that no input reaches. Throws RecipeError where there is no Gram matrix. */
export async function hessianOf(
  calibration: Calibration | null,
  order: (gram: Dense) => Uint32Array,
  who: string,
  job: SolverJob,
  becomes = "becomes zero",
): Promise<Hessian> {
  const gram = partOf(calibration, "gram", who);
  const { cols } = gram;
  const columns = order(gram);
  const matrix = await reordered(gram, columns, 2 / (calibration!.tokens ?? 1), job);
  const dead = new Uint8Array(cols);
  let count = 0;
  for (let i = 0; i < cols; i++) {
    if (matrix.values[i * cols + i] !== 0) continue;
    matrix.values[i * cols + i] = 1;
    dead[columns[i]] = 1;
    count++;
  }
  const notes = count > 0 ? [`${who}: no input reaches ${columnsText(count)}, each of which ${becomes}`] : [];
  return { matrix, order: columns, dead, notes };
}

const columnsText = (n: number) => (n === 1 ? "1 column" : `${n} columns`);

/**
 * The cross moment of inputs before and now as H is: twice its mean over tokens, in coding order. A dead column's own entry is H's, so
 * that nothing seems to have changed there.
 */
export async function momentOf(
  cross: Dense,
  { tokens }: Calibration,
  { order, dead }: Hessian,
  job: SolverJob,
): Promise<Dense> {
  const out = await reordered(cross, order, 2 / (tokens ?? 1), job);
  for (let i = 0; i < out.cols; i++) if (dead[order[i]] === 1) out.values[i * out.cols + i] = 1;
  return out;
}

/** A factor of the damped H, and the damping that it took. */
export interface Factored {
  factor: Dense;
  /** What was added to the diagonal, absolute. */
  damping: number;
  notes: string[];
}

/** The mean of the diagonal, that damping is a share of. */
export function meanDiagonal({ cols, values }: Dense): number {
  let sum = 0;
  for (let i = 0; i < cols; i++) sum += values[i * cols + i];
  return sum / cols;
}

/** H with `damping` added to its diagonal. */
export function damped({ cols, values }: Dense, damping: number): Dense {
  const out = dense(cols, cols, values.slice());
  for (let i = 0; i < cols; i++) out.values[i * cols + i] += damping;
  return out;
}

/** The least damping that is tried where the one asked for leaves H without a factor, as a share of the mean of its diagonal. */
const LEAST_DAMPING = 1e-6;
const MOST_RAISES = 7;

/** Bytes that a factorization may take beside H: two copies of 11,585 columns. */
const FACTOR_BUDGET = 2 ** 31;

const shared = new Factors<Factored>();

/** How often factors were shared and made: for tests. */
export const factorCounts = shared.counts;

export interface Factoring {
  /** What the factor is, and what its damping is over: its key. */
  kind: string;
  /** In units of the mean of the diagonal, or of what `unit` gives. */
  damp: number;
  unit?(matrix: Dense, job: SolverJob): number | Promise<number>;
  factor(matrix: Dense, run: Run): Promise<Dense>;
}

/**
 * The factor of the damped H; one at hand where the same was asked before. Where H has none, damping is raised tenfold until it has,
 * and a note says so. Throws RecipeError where even that does not help, or where it takes too much memory.
 */
export async function factored(hessian: Hessian, how: Factoring, who: string, job: SolverJob): Promise<Factored> {
  const key = `${how.kind} ${how.damp} ${await contentKey(hessian.matrix.values, job)}`;
  return shared.get(key, () => factorOf(hessian.matrix, how, who, job));
}

async function factorOf(
  matrix: Dense,
  { damp, factor, unit = meanDiagonal }: Factoring,
  who: string,
  job: SolverJob,
): Promise<Factored> {
  const one = await unit(matrix, job);
  const run: Run = {
    budget: FACTOR_BUDGET,
    pace: (done, total) => job.checkpoint(done / 2, total, "columns factored"),
  };
  let share = damp;
  let notes: string[] = [];
  for (let raises = 0; ; raises++) {
    const damping = share * one;
    try {
      return { factor: await whileDamped(matrix, damping, () => factor(matrix, run)), damping, notes };
    } catch (error) {
      if (!(error instanceof LinalgError)) throw error;
      if (!(error instanceof NotPositiveDefinite) || raises === MOST_RAISES) {
        throw new RecipeError(`${who}: ${error.message}`);
      }
      share = Math.max(LEAST_DAMPING, 10 * share);
      const before = `${who}: the Gram matrix is not positive definite with damp=${plain(damp)}`;
      notes = [`${before} (column ${error.pivot}), so damp=${plain(share)} was taken`];
    }
  }
}

/** Works on a matrix while its diagonal is damped: a copy would take as much again. */
async function whileDamped<T>({ cols, values }: Dense, damping: number, work: () => Promise<T>): Promise<T> {
  const diagonal = Float64Array.from({ length: cols }, (_, i) => values[i * cols + i]);
  for (let i = 0; i < cols; i++) values[i * cols + i] += damping;
  try {
    return await work();
  } finally {
    for (let i = 0; i < cols; i++) values[i * cols + i] = diagonal[i];
  }
}

/** A number as the notation writes it. */
const plain = (x: number): string => String(Number(x.toPrecision(6)).toFixed(9)).replace(/\.?0+$/, "");

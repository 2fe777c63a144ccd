/**
 * Output error: what a weight's error does to the layer's outputs, tr(D H D^T) / tr(W H W^T) with D = W - Q and the undamped Gram
 * matrix H of the inputs. It is the mean squared error of the outputs over the tokens that H was summed over, over their mean square.
 *
 * Each takes rows x cols^2 multiplications and additions (a symmetric H takes half of its products): at 20 GFLOP/s a second for
 * 4096 x 2048, 3.5 s for 4096 x 4096. tr(W H W^T) is remembered for a matrix.
 */
import { type Dense, dense } from "../linalg/dense.ts";
import { multiply } from "../linalg/product.ts";
import type { Run } from "../linalg/run.ts";
import type { OutputSums } from "./measured.ts";

/** Rows of a panel, by their place in the matrix: sums add in one order, however rows come. */
export const PANEL_ROWS = 512;
/** Columns of H that are taken at a time. */
const PANEL_COLS = 256;

/** Columns [from, to) of what has the same quadratic form as H and is zero below the diagonal. */
function upperPanel({ cols: n, values }: Dense, from: number, to: number): Dense {
  const out = dense(to, to - from);
  for (let i = 0, at = 0; i < to; i++) {
    for (let j = from; j < to; j++, at++)
      if (i <= j) out.values[at] = i === j ? values[i * n + j] : 2 * values[i * n + j];
  }
  return out;
}

/** Columns [0, to) of a matrix. */
function leftPart({ rows, cols, values }: Dense, to: number): Dense {
  if (to === cols) return { rows, cols, values };
  const out = dense(rows, to);
  for (let r = 0; r < rows; r++) out.values.set(values.subarray(r * cols, r * cols + to), r * to);
  return out;
}

/** Gives the terms of tr(A H A^T) in a fixed order: panels of columns, and in each row by row. */
async function throughPanels(a: Dense, h: Dense, run: Run, add: (row: number, term: number) => void): Promise<void> {
  const { rows, cols, values } = a;
  for (let from = 0; from < cols; from += PANEL_COLS) {
    const to = Math.min(cols, from + PANEL_COLS);
    const product = await multiply(leftPart(a, to), upperPanel(h, from, to), {}, run);
    for (let r = 0, at = 0; r < rows; r++) {
      for (let c = from; c < to; c++, at++) add(r, product.values[at] * values[r * cols + c]);
    }
  }
}

/** tr(A H A^T), for a symmetric H of as many columns as A has. */
export async function traceThrough(a: Dense, h: Dense, run: Run = {}): Promise<number> {
  let total = 0;
  await throughPanels(a, h, run, (_, term) => {
    total += term;
  });
  return total;
}

/** a_i H a_i^T of each row: what the trace is the sum of. */
export async function rowsThrough(a: Dense, h: Dense, run: Run = {}): Promise<Float64Array> {
  const sums = new Float64Array(a.rows);
  await throughPanels(a, h, run, (row, term) => {
    sums[row] += term;
  });
  return sums;
}

/** Values and results of a panel in float64, zero where either is not finite: what no other figure holds, this does not. */
export interface OutputPanel {
  signal: Dense;
  error: Dense;
  /** Whether a result is missing, so that the signal is that of the others. */
  broken: boolean;
}

/** Rows of values (W) and results (Q), row-major. */
export function outputPanel(values: Float32Array, results: Float32Array, cols: number): OutputPanel {
  const rows = values.length / cols;
  const [signal, error] = [dense(rows, cols), dense(rows, cols)];
  let broken = false;
  for (let i = 0; i < values.length; i++) {
    const [x, y] = [values[i], results[i]];
    if (x - x !== 0) continue;
    if (y - y !== 0) broken = true;
    else {
      signal.values[i] = x;
      error.values[i] = x - y;
    }
  }
  return { signal, error, broken };
}

const known = new WeakMap<object, WeakMap<Dense, Map<number, number>>>();

/** What is remembered of a matrix's panels under a Gram matrix: tr(W H W^T) by the first row. */
function rememberedOf(source: object, gram: Dense): Map<number, number> {
  const grams = known.get(source) ?? new WeakMap<Dense, Map<number, number>>();
  known.set(source, grams);
  const panels = grams.get(gram) ?? new Map<number, number>();
  grams.set(gram, panels);
  return panels;
}

/** What is added to outputs beside the weights, one value a row, and what is known of the inputs' mean. */
export interface OutputShift {
  bias: Float64Array;
  mean: Float64Array;
  tokens: number;
}

/** What a shift b makes of tr(D H D^T) beside: over the tokens, |D x - b|^2 is |D x|^2 - 2 b (D x) + |b|^2. */
function shiftTerm({ rows, cols, values }: Dense, row0: number, { bias, mean, tokens }: OutputShift): number {
  let total = 0;
  for (let r = 0; r < rows; r++) {
    const b = bias[row0 + r];
    let dot = 0;
    for (let c = 0; c < cols; c++) dot += values[r * cols + c] * mean[c];
    total += tokens * b * (b - 2 * dot);
  }
  return total;
}

/**
 * The sums of a whole matrix whose rows are read in panels. `source` is the matrix, always the same object for the same values;
 * `read` gives its values and the results of rows [row0, row1). `shift` is what is added to outputs beside the weights.
 */
export async function outputSums(
  source: object,
  rows: number,
  cols: number,
  gram: Dense,
  read: (row0: number, row1: number) => Promise<{ input: Float32Array; result: Float32Array }>,
  checkpoint: (row: number) => Promise<void>,
  shift: OutputShift | null = null,
): Promise<OutputSums> {
  const remembered = rememberedOf(source, gram);
  const sums: OutputSums = { error: 0, signal: 0 };
  for (let row0 = 0; row0 < rows; row0 += PANEL_ROWS) {
    const run = { pace: () => checkpoint(row0) };
    await run.pace();
    const { input, result } = await read(row0, Math.min(rows, row0 + PANEL_ROWS));
    const { signal, error, broken } = outputPanel(input, result, cols);
    sums.error += await traceThrough(error, gram, run);
    if (shift) sums.error += shiftTerm(error, row0, shift);
    const before = broken ? undefined : remembered.get(row0);
    const own = before ?? (await traceThrough(signal, gram, run));
    if (!broken) remembered.set(row0, own);
    sums.signal += own;
  }
  // What is zero may come out a little below.
  return { error: Math.max(0, sums.error), signal: Math.max(0, sums.signal) };
}

/** The figures of a signal that looks at values, or at what recipes made of them. */
import type { Calibration } from "../../kernels/calibration/types.ts";
import type { ResultSignal, RowSignal, SignalRows } from "../../kernels/signals/index.ts";
import { isRefused, type Measured } from "./measure.ts";
import { type RecipeOutcome, totalsOf } from "./outcomes.ts";
import { standardError } from "./sample.ts";
import type { ReadSample } from "./sampled.ts";
import type { ValueSignal } from "./signals.ts";
import type { TensorScores } from "./types.ts";

/** Elements that a signal is given at a time. */
const PIECE = 2 ** 18;

/** Elements that are looked at together at the most. */
const MOST_TOGETHER = 2 ** 24;

type Row = TensorScores["signals"][string];
interface Figure {
  value: number | null;
  error: number | null;
}
const NONE: Figure = { value: null, error: null };

/** A row of a signal's values. `missing` says why there is none of them; `before` is of the inputs one layer before. */
export async function rowsBySignal(
  { work }: ValueSignal,
  read: ReadSample,
  outcomes: readonly RecipeOutcome[],
  calibration: Calibration | null,
  missing: string | null,
  pace: () => Promise<void>,
  before: Calibration | null,
): Promise<Row> {
  const { matrix, rows, sample } = read;
  if (work.of === "tensor") {
    if (missing !== null) return { values: [null], error: null, weight: null };
    const [from, to] = stretchOf(rows.rows, matrix.cols);
    const values = await rows.read(from, to);
    const value = await work.value({
      row0: from,
      rows: matrix.rows,
      cols: matrix.cols,
      values,
      calibration,
      before,
      pace,
    });
    return { values: [value], error: sample.whole && to - from === rows.rows ? [0] : null, weight: null };
  }
  const row = { values: [] as (number | null)[], error: [] as (number | null)[], weight: null };
  for (const one of outcomes) {
    const { outcome } = one;
    const there = missing === null && !isRefused(outcome) && outcome.broken === 0;
    const made = there && outcome.results ? { ...one, outcome } : null;
    const figure = made === null ? NONE : await figureOf(work, read, made, calibration, pace);
    row.values.push(figure.value);
    row.error.push(figure.error);
  }
  return row;
}

type Made = RecipeOutcome & { outcome: Measured };

const figureOf = (
  work: RowSignal | ResultSignal,
  read: ReadSample,
  made: Made,
  calibration: Calibration | null,
  pace: () => Promise<void>,
): Promise<Figure> =>
  work.of === "rows" ? bySums(work, read, made, calibration, pace) : byResults(work, read, made, calibration, pace);

/** A function of sums over rows, which sampled rows estimate. */
async function bySums(
  work: RowSignal,
  read: ReadSample,
  made: Made,
  calibration: Calibration | null,
  pace: () => Promise<void>,
): Promise<Figure> {
  const { matrix, sample } = read;
  const { whole, outcome } = made;
  const value = (error: number, signal: number) =>
    work.value({ error, signal, elements: matrix.elements }, { signal, elements: matrix.elements });
  const parts = { error: [] as number[], signal: [] as number[] };
  let broken = 0;
  for (const { from, to, row0, first } of piecesOf(read, whole)) {
    const terms = await work.terms({ ...(await rowsFrom(read, outcome, { from, to, row0 }, calibration)), pace });
    broken += terms.broken;
    if (first) {
      parts.error.push(0);
      parts.signal.push(0);
    }
    const last = parts.error.length - 1;
    for (const e of terms.error) parts.error[last] += e;
    for (const s of terms.signal) parts.signal[last] += s;
    await pace();
  }
  const [error, signal] = [Float64Array.from(parts.error), Float64Array.from(parts.signal)];
  const sums = totalsOf(sample, { error, signal }, whole);
  const figure = broken > 0 ? null : value(sums.error, sums.signal);
  return figure === null ? NONE : { value: figure, error: standardError(sums, value) };
}

/** A figure of the rows at hand, without an interval unless they are all. */
async function byResults(
  work: ResultSignal,
  read: ReadSample,
  { whole, outcome }: Made,
  calibration: Calibration | null,
  pace: () => Promise<void>,
): Promise<Figure> {
  const rows = whole ? read.matrix.rows : read.rows.rows;
  const [from, to] = stretchOf(rows, read.matrix.cols);
  const value = await work.value({ ...(await rowsFrom(read, outcome, { from, to, row0: from }, calibration)), pace });
  return { value, error: whole && to - from === rows && value !== null ? 0 : null };
}

async function rowsFrom(
  { matrix }: ReadSample,
  outcome: Measured,
  { from, to, row0 }: { from: number; to: number; row0: number },
  calibration: Calibration | null,
): Promise<SignalRows> {
  const { input: values, result: results } = await outcome.results!(from, to);
  return { row0, rows: matrix.rows, cols: matrix.cols, values, results, calibration };
}

/** The rows that are looked at together: all of them, or of very many as many as there is room for, from the middle. */
function stretchOf(rows: number, cols: number): [number, number] {
  const count = Math.max(1, Math.min(rows, Math.floor(MOST_TOGETHER / cols)));
  const from = Math.floor((rows - count) / 2);
  return [from, from + count];
}

interface Piece {
  /** In the rows that were read. */
  from: number;
  to: number;
  /** In the whole matrix. */
  row0: number;
  /** Whether it begins a part of the sample. */
  first: boolean;
}

/** The rows in pieces that lie in one part of the sample each; all of them where a recipe ran on the whole. */
function piecesOf({ matrix, sample }: ReadSample, whole: boolean): Piece[] {
  const { rows, cols } = matrix;
  const step = Math.max(1, Math.floor(PIECE / cols));
  const pieces: Piece[] = [];
  let at = 0;
  const units = sample.units.map((u): [number, number] => [u * sample.unit, Math.min(rows, (u + 1) * sample.unit)]);
  for (const [begin, end] of whole ? [[0, rows]] : units) {
    for (let row = begin; row < end; row += step) {
      const to = Math.min(end, row + step);
      pieces.push({ from: at, to: at + to - row, row0: row, first: row === begin });
      at += to - row;
    }
  }
  return pieces;
}

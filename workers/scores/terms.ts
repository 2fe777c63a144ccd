/** The figures of a signal that looks at values, or at what recipes made of them, row by row. */
import type { Calibration } from "../../kernels/calibration/types.ts";
import type { SignalRows } from "../../kernels/signals/index.ts";
import { isRefused } from "./measure.ts";
import { type RecipeOutcome, totalsOf } from "./outcomes.ts";
import { standardError } from "./sample.ts";
import type { ReadSample } from "./sampled.ts";
import type { ValueSignal } from "./signals.ts";
import type { TensorScores } from "./types.ts";

/** Elements that a signal is given at a time. */
const PIECE = 2 ** 18;

type Row = TensorScores["signals"][string];

/** A row of a signal's values. `missing` says why there is none of them. */
export async function rowsBySignal(
  { work }: ValueSignal,
  read: ReadSample,
  outcomes: readonly RecipeOutcome[],
  calibration: Calibration | null,
  missing: string | null,
  pace: () => Promise<void>,
): Promise<Row> {
  const { matrix, rows, sample } = read;
  if (work.of === "tensor") {
    if (missing !== null) return { values: [null], error: null, weight: null };
    const values = await rows.read(0, rows.rows);
    const value = await work.value({ row0: 0, rows: matrix.rows, cols: matrix.cols, values, calibration });
    return { values: [value], error: sample.whole ? [0] : null, weight: null };
  }
  const row: Row = { values: [], error: [], weight: null };
  const figure = (error: number, signal: number) =>
    work.value({ error, signal, elements: matrix.elements }, { signal, elements: matrix.elements });
  for (const { outcome, whole } of outcomes) {
    if (missing !== null || isRefused(outcome) || !outcome.results || outcome.broken > 0) {
      row.values.push(null);
      row.error!.push(null);
      continue;
    }
    const all = whole && !sample.whole;
    const parts = { error: [] as number[], signal: [] as number[] };
    let broken = 0;
    for (const piece of piecesOf(read, all)) {
      const { from, to, row0 } = piece;
      const { input: values, result: results } = await outcome.results(from, to);
      const given: SignalRows = { row0, rows: matrix.rows, cols: matrix.cols, values, results, calibration };
      const terms = await work.terms(given);
      broken += terms.broken;
      if (piece.first) {
        parts.error.push(0);
        parts.signal.push(0);
      }
      const last = parts.error.length - 1;
      for (const e of terms.error) parts.error[last] += e;
      for (const s of terms.signal) parts.signal[last] += s;
      await pace();
    }
    const sums = totalsOf(
      sample,
      { error: Float64Array.from(parts.error), signal: Float64Array.from(parts.signal) },
      whole,
    );
    const value = broken > 0 ? null : figure(sums.error, sums.signal);
    row.values.push(value);
    row.error!.push(value === null ? null : standardError(sums, figure));
  }
  return row;
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

/** The rows in pieces that lie in one part of the sample each. */
function piecesOf({ matrix, sample }: ReadSample, all: boolean): Piece[] {
  const { rows, cols } = matrix;
  const step = Math.max(1, Math.floor(PIECE / cols));
  const pieces: Piece[] = [];
  let at = 0;
  const runs: [number, number][] =
    all || sample.whole
      ? [[0, rows]]
      : sample.units.map((u) => [u * sample.unit, Math.min(rows, (u + 1) * sample.unit)]);
  for (const [begin, end] of runs) {
    for (let row = begin; row < end; row += step) {
      const to = Math.min(end, row + step);
      pieces.push({ from: at, to: at + to - row, row0: row, first: row === begin });
      at += to - row;
    }
  }
  return pieces;
}

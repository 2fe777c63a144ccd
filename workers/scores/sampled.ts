/** Which rows of a matrix are read, and what the scores of all matrices of a request share. */
import type { MatrixSource } from "../../kernels/matrix/source.ts";
import { UserError } from "../errors/user-error.ts";
import type { Inputs } from "../runs/inputs.ts";
import { memoryNote } from "../runs/memory.ts";
import type { OpenSource } from "../sources/open.ts";
import { type Fit, fitsFor, type Grid, periodOf } from "./grid.ts";
import { hashOf } from "./hash.ts";
import type { ScoreMachines } from "./machines.ts";
import { readSample } from "./read.ts";
import { type RowSample, rowsIn, sampleOf } from "./sample.ts";
import type { ValueSignal } from "./signals.ts";
import type { ScoredMatrix } from "./tensors.ts";
import type { ScoresRequest } from "./types.ts";

/** What the scores of all tensors of a request share. */
export interface Scoring extends Pick<ScoresRequest, "seed" | "wholeStatistics" | "budget"> {
  source: OpenSource;
  grid: Grid;
  share: number;
  signals: readonly ValueSignal[];
  machines: ScoreMachines;
  /** What is known of a weight's inputs. */
  inputs(weight: { name: string; cols: number }): Promise<Inputs>;
  /** Fits by shape, which tensors have in common. */
  fits: Map<string, Fit[]>;
  /** The grid whose rows are left out, where fresh ones are asked for, with its fits. */
  earlier?: Pick<Scoring, "grid" | "fits"> & Pick<ScoresRequest, "seed"> & { share: number };
}

/** A matrix with the rows of it that are read. */
export interface SampledMatrix {
  matrix: ScoredMatrix;
  fits: readonly Fit[];
  sample: RowSample;
  /** Whether the rows are others than those of `fresh`, where fresh ones were asked for. */
  fresh: boolean;
}

/** Recipes on matrices of a shape, remembered. */
export function fitsOf({ fits, grid }: Pick<Scoring, "fits" | "grid">, rows: number, cols: number): Fit[] {
  const key = `${rows} ${cols}`;
  let found = fits.get(key);
  if (!found) {
    found = fitsFor(grid, rows, cols);
    fits.set(key, found);
  }
  return found;
}

/** What decides which rows are read. */
export type Sampling = Pick<Scoring, "fits" | "grid" | "seed" | "share" | "earlier">;

/** Which rows are read of a matrix. */
export function sampledMatrix(sampling: Sampling, matrix: ScoredMatrix): SampledMatrix {
  const { rows, cols } = matrix;
  const fits = fitsOf(sampling, rows, cols);
  const { seed, share, earlier } = sampling;
  const asked = {
    ...{ rows, cols, share, seed, stream: hashOf(matrix.name), period: periodOf(fits, rows) },
    rowBytes: Math.max(1, Math.ceil(matrix.storedBits / 8 / rows)),
  };
  if (earlier) {
    // Rows lie in the units that the earlier scores had.
    const before = {
      ...asked,
      ...{ seed: earlier.seed, share: earlier.share, period: periodOf(fitsOf(earlier, rows, cols), rows) },
    };
    const seen = sampleOf(before);
    const other = seen && sampleOf({ ...before, seed }, seen);
    if (other) return { matrix, fits, sample: other, fresh: true };
  }
  return { matrix, fits, sample: sampleOf(asked)!, fresh: false };
}

/** Bytes that a tensor under a recipe that holds the matrix may take, where nothing is said. */
const USUAL_BUDGET = 2 ** 29;

/** Why a recipe that holds the matrix is not run, in a sentence; null where its memory is allowed. */
export function tooLarge({ plan, way }: Fit, budget: number | null): string | null {
  if (!plan || way !== "whole") return null;
  try {
    memoryNote(plan, budget ?? USUAL_BUDGET);
    return null;
  } catch (error) {
    if (error instanceof UserError) return error.message;
    throw error;
  }
}

/** Bytes of the file that are read of a matrix. */
export function bytesReadOf(
  { matrix, fits, sample }: SampledMatrix,
  { wholeStatistics, budget }: Pick<ScoresRequest, "wholeStatistics" | "budget">,
): number {
  const all = Math.ceil(matrix.storedBits / 8);
  if (sample.whole || matrix.across) return all;
  const part = Math.ceil((all * rowsIn(sample)) / matrix.rows);
  const whole = fits.some(
    (fit) =>
      (fit.way === "whole" && fit.plan !== null && tooLarge(fit, budget) === null) ||
      (wholeStatistics && fit.wants !== null && fit.byExtremes),
  );
  return part + (whole ? all : 0);
}

/** A sample that was read: rows one after the other. */
export type ReadSample = SampledMatrix & { rows: MatrixSource };

export async function readRows(scoring: Scoring, sampled: SampledMatrix, signal: AbortSignal): Promise<ReadSample> {
  return { ...sampled, rows: await readSample(scoring.source, sampled.matrix, sampled.sample, signal) };
}

/** What is known of a matrix before anything is measured. */
export function factsOf({ matrix, sample }: SampledMatrix) {
  const { name, shape, layer, role, expert, elements, storedBits, rows } = matrix;
  return {
    name,
    shape: [...shape],
    layer,
    role,
    expert,
    elements,
    storedBits,
    rows,
    rowsRead: rowsIn(sample),
    runs: sample.whole ? 0 : sample.units.length,
  };
}

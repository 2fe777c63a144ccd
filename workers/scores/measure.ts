/** What the recipes of a grid do to rows of a matrix: sums of squares by run of rows, from which figures of the whole follow. */
import type { Calibration } from "../../kernels/calibration/types.ts";
import { quantizeMatrix, RecipeError, referenceBackend } from "../../kernels/index.ts";
import { LinalgError } from "../../kernels/linalg/errors.ts";
import type { MatrixSource } from "../../kernels/matrix/source.ts";
import { sumsOf } from "../../kernels/measure/sums.ts";
import type { Plan } from "../../kernels/plan/plan.ts";
import { referenceSweep, type SweepBackend, sweepMatrix } from "../../kernels/sweep/index.ts";
import { plainError } from "../errors/plain-error.ts";
import { UserError } from "../errors/user-error.ts";
import type { ScoreMachines } from "./machines.ts";

/** What a recipe did to rows. */
export interface Measured {
  /** By part of the rows: sums of squared errors and of squares. One part where none were asked for. */
  error: Float64Array;
  signal: Float64Array;
  broken: number;
  nonFinite: number;
  /** The plan as it turned out, where fitting its steps brought bits of their own. */
  plan: Plan;
  notes: readonly string[];
  /** Rows, and what the recipe made of them; absent where that was not asked for. */
  results?(row0: number, row1: number): Promise<{ input: Float32Array; result: Float32Array }>;
}

/** A recipe's figures, or why there are none. */
export type Outcome = Measured | { refused: string };

export const isRefused = (outcome: Outcome): outcome is { refused: string } => "refused" in outcome;

export interface MeasureOptions extends ScoreMachines {
  pace(): Promise<void>;
  /** Rows of a part; null: the sums of all are enough. */
  part: number | null;
  /** Rows that are counted; those behind them are seen where scales are found. */
  counted: number;
}

/** Recipes whose rows stream, all over one reading. One that brings the others down runs by itself. */
export async function measureRows(
  matrix: MatrixSource,
  plans: readonly Plan[],
  options: MeasureOptions,
): Promise<Outcome[]> {
  const outcomes = new Array<Outcome>(plans.length);
  const fast = plans.map((plan) => options.sweep.refuses(plan) === null);
  for (const [backend, wanted] of [
    [options.sweep, true],
    [referenceSweep, false],
  ] as const) {
    const members = plans.flatMap((_, i) => (fast[i] === wanted ? [i] : []));
    if (members.length === 0) continue;
    const found = await together(
      matrix,
      members.map((i) => plans[i]),
      backend,
      options,
    );
    members.forEach((i, k) => {
      outcomes[i] = found[k];
    });
  }
  return outcomes;
}

async function together(
  matrix: MatrixSource,
  plans: readonly Plan[],
  backend: SweepBackend,
  options: MeasureOptions,
): Promise<Outcome[]> {
  const { pace, part, counted } = options;
  try {
    const rows = { ...(part !== null && { part }), ...(counted < matrix.rows && { counted }) };
    const outcomes = await sweepMatrix(matrix, plans, { backend, pace, phases: 0, ...rows });
    return outcomes.map(({ measured, parts }, i): Measured => {
      const { error, signal, brokenResults, nonFinite } = measured.sums;
      const sums = parts ?? { error: Float64Array.of(error), signal: Float64Array.of(signal) };
      return { ...sums, broken: brokenResults, nonFinite, plan: plans[i], notes: [] };
    });
  } catch (cause) {
    if (isAbort(cause)) throw cause;
    if (plans.length === 1) return [{ refused: sentence(cause) }];
    const each: Outcome[] = [];
    for (const plan of plans) each.push(...(await together(matrix, [plan], backend, options)));
    return each;
  }
}

/** A recipe by itself, as reports are made: with steps that look at values, with what is known of inputs, or for its results. */
export async function measureAlone(
  matrix: MatrixSource,
  plan: Plan,
  calibration: Calibration | null,
  { backend: fast, pace, part, counted }: MeasureOptions,
  { results = false }: { results?: boolean } = {},
): Promise<Outcome> {
  try {
    const backend = fast.refuses(plan) === null ? fast : referenceBackend;
    const options = { backend, calibration, checkpoint: pace, now: () => 0 };
    const made = await quantizeMatrix(matrix, plan, options);
    const { rowProfile, measured } = made.report;
    const sums = sumsOf(measured.sums);
    const parts = part === null || rowProfile.step > 1 ? null : partsOf(rowProfile, part, counted);
    return {
      ...(parts ?? { error: Float64Array.of(sums.error), signal: Float64Array.of(sums.signal) }),
      ...{ broken: sums.brokenResults, nonFinite: sums.nonFinite, plan: made.plan, notes: made.report.notes },
      ...(results && { results: (row0: number, row1: number) => made.rows(row0, row1) }),
    };
  } catch (cause) {
    if (isAbort(cause)) throw cause;
    return { refused: sentence(cause) };
  }
}

/** Sums of rows by part. */
function partsOf(
  { error, signal }: { error: Float64Array; signal: Float64Array },
  part: number,
  rows: number,
): { error: Float64Array; signal: Float64Array } {
  const n = Math.ceil(rows / part);
  const out = { error: new Float64Array(n), signal: new Float64Array(n) };
  for (let row = 0; row < rows; row++) {
    out.error[Math.floor(row / part)] += error[row];
    out.signal[Math.floor(row / part)] += signal[row];
  }
  return out;
}

export const isAbort = (error: unknown): boolean => error instanceof Error && error.name === "AbortError";

/** Why a recipe has no figures, for the person. Throws what is no fault of the recipe's: a file that cannot be read. */
function sentence(cause: unknown): string {
  if (cause instanceof UserError) throw cause;
  if (cause instanceof RecipeError || cause instanceof LinalgError) return cause.message;
  return (plainError(cause) as Error).message;
}

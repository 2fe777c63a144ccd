/** The recipes of a grid on one matrix, each in its way. */
import type { Calibration } from "../../kernels/calibration/types.ts";
import type { MatrixSource } from "../../kernels/matrix/source.ts";
import type { Plan } from "../../kernels/plan/plan.ts";
import { UserError } from "../errors/user-error.ts";
import { memoryNote } from "../runs/memory.ts";
import { bitsOf, type Fit } from "./grid.ts";
import { isRefused, type Measured, type MeasureOptions, measureAlone, measureRows, type Outcome } from "./measure.ts";
import { readExtremes, readSample, withRows } from "./read.ts";
import { type Estimated, estimate, type RowSample } from "./sample.ts";
import { fitsOf, type ReadSample, type Scoring } from "./sampled.ts";
import type { ScoredMatrix } from "./tensors.ts";

/** Bytes that a tensor under a recipe that holds the matrix may take, where nothing is said. */
const USUAL_BUDGET = 2 ** 29;

/** A recipe's outcome, and what it is over. */
export interface RecipeOutcome {
  outcome: Outcome;
  /** Whether it ran on all rows. */
  whole: boolean;
  inexact: string | null;
  bits: number | null;
}

/** Runs every recipe in its way. */
export async function outcomesOf(
  scoring: Scoring,
  { matrix, fits, sample, rows }: ReadSample,
  calibration: Calibration | null,
  { signal, pace }: { signal: AbortSignal; pace(): Promise<void> },
): Promise<RecipeOutcome[]> {
  const part = sample.whole ? null : sample.unit;
  const options: MeasureOptions = { ...scoring.machines, pace, part, counted: rows.rows };
  const results = scoring.signals.some(({ work }) => work.of !== "tensor");
  const usesInputs = (plan: Plan) => calibration !== null && plan.uses !== undefined;
  const streams = ({ plan, way }: Fit) => plan !== null && way === "rows" && !results && !usesInputs(plan);
  const wanting = fits.some((fit) => streams(fit) && fit.wants !== null && fit.byExtremes);
  const extremes =
    scoring.wholeStatistics && !sample.whole && wanting
      ? await readExtremes(scoring.source, matrix, signal, pace)
      : null;
  const whatRuns = extremes ? withRows(rows, extremes) : rows;
  const own = sample.whole ? fits : fitsOf(scoring, whatRuns.rows, matrix.cols);
  const out = fits.map(
    ({ refused, bits }): RecipeOutcome => ({
      ...{ outcome: { refused: refused ?? "" }, whole: false, inexact: null, bits },
    }),
  );
  const group = fits.flatMap((fit, i) => (streams(fit) && !(own[i].plan === null) ? [i] : []));
  const found = await measureRows(
    whatRuns,
    group.map((i) => own[i].plan!),
    options,
  );
  group.forEach((i, k) => {
    const { wants, byExtremes } = fits[i];
    const inexact =
      wants === null || sample.whole || (extremes && byExtremes) ? null : `${wants} is that of the rows read`;
    out[i] = { outcome: found[k], whole: sample.whole, inexact, bits: fits[i].bits };
  });
  for (const [i, fit] of fits.entries()) {
    if (!fit.plan || group.includes(i)) continue;
    if (fit.way === "whole")
      out[i] = await onWhole(scoring, { matrix, sample, rows }, fit, calibration, options, results, signal);
    else {
      const plan = sample.whole ? fit.plan : fitsOf(scoring, rows.rows, matrix.cols)[i].plan;
      if (!plan) continue;
      const inputs = plan.uses || scoring.signals.length > 0 ? calibration : null;
      const outcome = await measureAlone(rows, plan, plan.uses ? inputs : null, options, { results });
      const inexact = fit.wants === null || sample.whole ? null : `${fit.wants} is that of the rows read`;
      out[i] = { outcome, whole: sample.whole, inexact, bits: fit.bits };
    }
  }
  return out;
}

/** A recipe that holds the matrix, on all of it, where the budget lets it. */
async function onWhole(
  { source, budget, machines }: Scoring,
  { matrix, sample, rows }: { matrix: ScoredMatrix; sample: RowSample; rows: MatrixSource },
  { plan }: Fit,
  calibration: Calibration | null,
  { pace }: MeasureOptions,
  results: boolean,
  signal: AbortSignal,
): Promise<RecipeOutcome> {
  try {
    memoryNote(plan!, budget ?? USUAL_BUDGET);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return { outcome: { refused: error.message }, whole: false, inexact: null, bits: null };
  }
  const all: RowSample = {
    ...sample,
    units: Array.from({ length: Math.ceil(matrix.rows / sample.unit) }, (_, i) => i),
    weights: [],
    whole: true,
  };
  const whole = sample.whole ? rows : await readSample(source, matrix, all, signal);
  const options = { ...machines, pace, part: null, counted: matrix.rows };
  const outcome = await measureAlone(whole, plan!, calibration, options, { results });
  const bits = isRefused(outcome) ? null : bitsOf({ bits: outcome.plan.bits, rows: matrix.rows, cols: matrix.cols });
  return { outcome, whole: true, inexact: null, bits };
}

/** Sums over the whole matrix, from the parts that were measured. */
export const totalsOf = (
  sample: RowSample,
  { error, signal }: Pick<Measured, "error" | "signal">,
  whole: boolean,
): Estimated => estimate(whole ? { ...sample, whole: true } : sample, error, signal);

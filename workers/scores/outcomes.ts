/** The recipes of a grid on one matrix, each in its way. */
import type { Calibration } from "../../kernels/calibration/types.ts";
import { checkCalibration } from "../../kernels/engine/calibrated.ts";
import { RecipeError } from "../../kernels/grammar/errors.ts";
import type { MatrixSource } from "../../kernels/matrix/source.ts";
import type { Plan } from "../../kernels/plan/plan.ts";
import { bitsOf, type Fit } from "./grid.ts";
import { isRefused, type Measured, type MeasureOptions, measureAlone, measureRows, type Outcome } from "./measure.ts";
import { readExtremes, readSample, withRows } from "./read.ts";
import { type Estimated, estimate, type RowSample } from "./sample.ts";
import { fitsOf, type ReadSample, type Scoring, tooLarge } from "./sampled.ts";
import type { ScoredMatrix } from "./tensors.ts";

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
  const lacks = fits.map((fit) => fit.refused ?? lacksInputs(fit, calibration, matrix.name));
  const usesInputs = (plan: Plan) => calibration !== null && plan.uses !== undefined;
  const streams = ({ plan, way }: Fit) => plan !== null && way === "rows" && !results && !usesInputs(plan);
  const wanting = fits.some((fit, i) => lacks[i] === null && streams(fit) && fit.wants !== null && fit.byExtremes);
  const extremes =
    scoring.wholeStatistics && !sample.whole && wanting
      ? await readExtremes(scoring.source, matrix, signal, pace)
      : null;
  const whatRuns = extremes ? withRows(rows, extremes) : rows;
  const own = sample.whole ? fits : fitsOf(scoring, whatRuns.rows, matrix.cols);
  const out = fits.map(
    ({ bits }, i): RecipeOutcome => ({
      ...{ outcome: { refused: lacks[i] ?? own[i].refused ?? "it does not fit" }, whole: false, inexact: null, bits },
    }),
  );
  const runs = (i: number) => lacks[i] === null && own[i].plan !== null;
  const group = fits.flatMap((fit, i) => (runs(i) && streams(fit) ? [i] : []));
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
    if (!runs(i) || group.includes(i)) continue;
    if (fit.way === "whole")
      out[i] = await onWhole(scoring, { matrix, sample, rows }, fit, calibration, options, results, signal);
    else {
      const plan = sample.whole ? fit.plan : fitsOf(scoring, rows.rows, matrix.cols)[i].plan;
      if (!plan) continue;
      const outcome = await measureAlone(rows, plan, plan.uses ? calibration : null, options, { results });
      const inexact = fit.wants === null || sample.whole ? null : `${fit.wants} is that of the rows read`;
      out[i] = { outcome, whole: sample.whole, inexact, bits: fit.bits };
    }
  }
  return out;
}

/** What of the inputs a recipe has to know and does not: found before the matrix is read for nothing. */
function lacksInputs({ plan }: Fit, calibration: Calibration | null, name: string): string | null {
  if (!plan) return null;
  try {
    checkCalibration(plan, calibration, name);
    return null;
  } catch (error) {
    if (error instanceof RecipeError) return error.message;
    throw error;
  }
}

/** A recipe that holds the matrix, on all of it, where the budget lets it. */
async function onWhole(
  { source, budget, machines }: Scoring,
  { matrix, sample, rows }: { matrix: ScoredMatrix; sample: RowSample; rows: MatrixSource },
  fit: Fit,
  calibration: Calibration | null,
  { pace }: MeasureOptions,
  results: boolean,
  signal: AbortSignal,
): Promise<RecipeOutcome> {
  const refused = tooLarge(fit, budget);
  if (refused !== null) return { outcome: { refused }, whole: false, inexact: null, bits: null };
  const all: RowSample = {
    ...sample,
    units: Array.from({ length: Math.ceil(matrix.rows / sample.unit) }, (_, i) => i),
    weights: [],
    whole: true,
  };
  const whole = sample.whole ? rows : await readSample(source, matrix, all, signal);
  const options = { ...machines, pace, part: null, counted: matrix.rows };
  const outcome = await measureAlone(whole, fit.plan!, calibration, options, { results });
  const bits = isRefused(outcome) ? null : bitsOf({ bits: outcome.plan.bits, rows: matrix.rows, cols: matrix.cols });
  return { outcome, whole: true, inexact: null, bits };
}

/** Sums over the whole matrix, from the parts that were measured. */
export const totalsOf = (
  sample: RowSample,
  { error, signal }: Pick<Measured, "error" | "signal">,
  whole: boolean,
): Estimated => estimate(whole ? { ...sample, whole: true } : sample, error, signal);

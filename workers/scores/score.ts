/** The scores of one matrix: its rows are read once, and every recipe of the grid is measured on them. */
import type { Calibration } from "../../kernels/calibration/types.ts";
import { NOT_FRESH } from "./fresh.ts";
import { isRefused } from "./measure.ts";
import { outcomesOf, type RecipeOutcome, totalsOf } from "./outcomes.ts";
import { standardError } from "./sample.ts";
import { factsOf, type ReadSample, type Scoring } from "./sampled.ts";
import { lacking, NMSE } from "./signals.ts";
import { rowsBySignal } from "./terms.ts";
import type { ScoredTensor, TensorScores } from "./types.ts";

/** The scores of a matrix whose rows were read. Rejects with UserError where more of it cannot be read, and with AbortError. */
export async function scoreMatrix(
  scoring: Scoring,
  read: ReadSample,
  control: { signal: AbortSignal; pace(): Promise<void> },
): Promise<TensorScores> {
  const { matrix, sample } = read;
  const { calibration, why } = await scoring.inputs({ name: matrix.tensor, cols: matrix.cols });
  const known = calibration && !sample.whole ? { ...calibration, experts: undefined } : calibration;
  const notes = new Set<string>(why === null ? [] : [`${matrix.name}: ${why}`]);
  const outcomes = await outcomesOf(scoring, read, known as Calibration | null, control);
  const scored = figuresOf(read, outcomes);
  for (const note of read.rows.notes) notes.add(note);
  if (scoring.earlier && !read.fresh) notes.add(`${matrix.name} ${NOT_FRESH}`);
  const signals: TensorScores["signals"] = { [NMSE]: scored.nmse };
  for (const one of scoring.signals) {
    const missing = lacking(one, calibration);
    if (missing !== null) notes.add(`${matrix.name}: ${missing}`);
    signals[one.signal.name] = await rowsBySignal(
      one,
      read,
      outcomes,
      missing === null ? calibration : null,
      missing,
      control.pace,
      one.signal.before && missing === null ? await inputsBefore(scoring, read) : null,
    );
  }
  const nonFinite = outcomes.reduce(
    (most, one) => (isRefused(one.outcome) ? most : Math.max(most, one.outcome.nonFinite)),
    0,
  );
  if (nonFinite > 0) notes.add(`${matrix.name}: ${nonFinite} of the values read are not finite, and in no figure`);
  const tensor: ScoredTensor = { ...factsOf(read), ...scored.tensor, ...(notes.size > 0 && { notes: [...notes] }) };
  return { tensor, signals, notes: [...notes] };
}

/** What is known of the inputs of the same tensor one layer before; null where there is no such layer, or nothing is known. */
async function inputsBefore(scoring: Scoring, read: ReadSample): Promise<Calibration | null> {
  const { matrix } = read;
  const { layer } = factsOf(read);
  const name = layer === null ? matrix.tensor : matrix.tensor.replace(`.${layer}.`, `.${layer - 1}.`);
  if (name === matrix.tensor) return null;
  return (await scoring.inputs({ name, cols: matrix.cols })).calibration;
}

/** nmse of each recipe with its standard error, and what the tensor's row says of each. */
function figuresOf({ sample }: ReadSample, outcomes: readonly RecipeOutcome[]) {
  const values: (number | null)[] = [];
  const error: (number | null)[] = [];
  const refused: (string | null)[] = [];
  const exact: boolean[] = [];
  const inexact: (string | null)[] = [];
  let energy: number | null = null;
  let energyError = 0;
  for (const { outcome, whole, inexact: why } of outcomes) {
    const sums = isRefused(outcome) ? null : totalsOf(sample, outcome, whole);
    const broken = isRefused(outcome) ? 0 : outcome.broken;
    const value = sums && broken === 0 ? ratio(sums.error, sums.signal) : null;
    values.push(value);
    error.push(sums && value !== null ? standardError(sums, ratio) : null);
    refused.push(isRefused(outcome) ? outcome.refused : broken > 0 ? saidBroken(broken) : null);
    exact.push(sums !== null && whole && why === null);
    inexact.push(why);
    // A recipe that ran on all rows knows all squares; else the first one's estimate is as good as any.
    if (!sums || broken > 0 || (energy !== null && (!whole || energyError === 0))) continue;
    energy = sums.signal;
    energyError = Math.sqrt(sums.signalVariance);
  }
  return {
    nmse: { values, error, weight: null },
    tensor: {
      ...{ energy, ...(energyError > 0 && { energyError }), bits: outcomes.map(({ bits }) => bits), refused, exact },
      ...(inexact.some((why) => why !== null) && { inexact }),
    },
  };
}

const ratio = (error: number, signal: number): number | null => (signal > 0 ? error / signal : null);

const saidBroken = (n: number): string =>
  `${n} ${n === 1 ? "result is" : "results are"} not finite where ${n === 1 ? "its value was" : "their values were"}`;

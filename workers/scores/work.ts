/** Scores of the tensors of an open source, one after the other, with the rows of the next ones on their way meanwhile. */

import { inputsAmongMany } from "../calibration/inputs.ts";
import type { OpenCalibration } from "../calibration/open.ts";
import { UserError } from "../errors/user-error.ts";
import { isLogical } from "../layouts/logical-tensor.ts";
import type { JobControl } from "../pace/pace.ts";
import { pacer } from "../pace/pace.ts";
import { inSteps } from "../pace/steps.ts";
import type { Inputs } from "../runs/inputs.ts";
import { noInputs } from "../runs/inputs.ts";
import type { OpenSource } from "../sources/open.ts";
import { scoreMachines } from "./machines.ts";
import { isAbort } from "./measure.ts";
import { samplingOf } from "./plan.ts";
import {
  bytesReadOf,
  factsOf,
  type ReadSample,
  readRows,
  type SampledMatrix,
  type Scoring,
  sampledMatrix,
} from "./sampled.ts";
import { scoreMatrix } from "./score.ts";
import { NMSE, valueSignals } from "./signals.ts";
import { choosing, type ScoredMatrix } from "./tensors.ts";
import type { ScoresRequest, TensorScores } from "./types.ts";

/** Some tensors of a request, by their names in the scores: what one worker does at a time. Absent: all. */
export interface ScoresPart extends ScoresRequest {
  tensors?: string[];
}

export interface ScoresControl extends JobControl {
  give(scores: TensorScores): void;
}

/** Bytes of rows that are read before they are needed, at most, and tensors. */
const AHEAD_BYTES = 2 ** 25;
const AHEAD = 4;

/** What matrices of one source share from one part to the next: sorting half a million names takes a second. */
interface Known {
  key: string;
  matrices: Map<string, ScoredMatrix>;
  scoring: Omit<Scoring, "inputs">;
}

const known = new WeakMap<OpenSource, Known>();

async function knownOf(source: OpenSource, request: ScoresRequest, pace: () => Promise<void>): Promise<Known> {
  const { calibration, signals, kinds, only, wholeStatistics, budget } = request;
  const key = JSON.stringify(request);
  const found = known.get(source);
  if (found?.key === key) return found;
  const { matrices } = await inSteps(choosing(source.info, kinds, only), pace);
  const made: Known = {
    key,
    matrices: new Map(matrices.map((matrix) => [matrix.name, matrix])),
    scoring: {
      ...{ source, wholeStatistics, budget },
      ...samplingOf(source.info, request),
      signals: await valueSignals(signals, calibration !== undefined),
      machines: await scoreMachines(),
    },
  };
  known.set(source, made);
  return made;
}

/**
 * Gives the scores of each tensor as soon as they are known. Progress is in bytes read of the files. Rejects with UserError where the
 * request cannot be met, or where a server gives out: what was given stays. Rejects with AbortError within 100 ms of a cancel.
 */
export async function scoreTensors(
  source: OpenSource,
  calibration: OpenCalibration | null,
  { tensors, ...request }: ScoresPart,
  control: ScoresControl,
): Promise<void> {
  const pace = pacer(control.signal);
  const { matrices, scoring: shared } = await knownOf(source, request, pace);
  const inputs = async (weight: { name: string; cols: number }): Promise<Inputs> =>
    calibration ? inputsAmongMany(calibration, weight, control) : noInputs;
  const scoring: Scoring = { ...shared, inputs };
  const wanted = tensors ? tensors.map((name) => matrixNamed(matrices, name)) : [...matrices.values()];
  const all: SampledMatrix[] = [];
  for (const matrix of wanted) {
    all.push(sampledMatrix(scoring, matrix));
    await pace();
  }
  const bytes = all.map((one) => bytesReadOf(one, request));
  const total = bytes.reduce((sum, one) => sum + one, 0);
  const stop = new AbortController();
  const signal = AbortSignal.any([control.signal, stop.signal]);
  const ahead: Promise<ReadSample>[] = [];
  let [begun, held, done] = [0, 0, 0];
  try {
    for (const [i, one] of all.entries()) {
      while (begun < all.length && (begun <= i || (begun - i < AHEAD && held + bytes[begun] <= AHEAD_BYTES))) {
        const reading = readRows(scoring, all[begun], signal);
        // Its failure is told when its turn comes.
        reading.catch(() => {});
        ahead.push(reading);
        held += bytes[begun++];
      }
      control.progress({ done, total, unit: "bytes", phase: one.matrix.name });
      control.give(await scored(scoring, one, ahead.shift()!, { signal, pace }));
      forget(source, one.matrix.tensor);
      held -= bytes[i];
      done += bytes[i];
      await pace();
    }
    control.progress({ done: total, total, unit: "bytes", phase: "" });
  } finally {
    stop.abort();
  }
}

/** Gives up what a weight of several stored tensors holds of their bytes: the next tensors have their own. */
function forget(source: OpenSource, name: string): void {
  const tensor = source.tensor(name);
  if (isLogical(tensor)) tensor.forget();
}

function matrixNamed(matrices: ReadonlyMap<string, ScoredMatrix>, name: string): ScoredMatrix {
  const found = matrices.get(name);
  if (!found) throw new UserError(`There is no tensor "${name}" among those that are scored.`);
  return found;
}

/** A tensor of a file that cannot be read has a row that says so; a server that gives out ends the work, which can be taken up again. */
async function scored(
  scoring: Scoring,
  one: SampledMatrix,
  reading: Promise<ReadSample>,
  control: { signal: AbortSignal; pace(): Promise<void> },
): Promise<TensorScores> {
  try {
    return await scoreMatrix(scoring, await reading, control);
  } catch (error) {
    if (isAbort(error) || !(error instanceof UserError) || scoring.source.info.address !== undefined) throw error;
    const none = scoring.grid.recipes.map(() => null);
    const refused = scoring.grid.recipes.map(() => error.message);
    const tensor = { ...factsOf(one), rowsRead: 0, energy: null, bits: one.fits.map(({ bits }) => bits), refused };
    const row = { values: none, error: none, weight: null };
    const names = [NMSE, ...scoring.signals.map(({ signal }) => signal.name)];
    return {
      tensor: { ...tensor, exact: none.map(() => false) },
      signals: Object.fromEntries(names.map((name) => [name, row])),
      notes: [`${one.matrix.name}: ${error.message}`],
    };
  }
}

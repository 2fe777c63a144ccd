/** Every signal, one line each, in the order in which lists show them. Words alone: what computes is loaded by `work`. */

import { distilled } from "./distilled/index.ts";
import { eigenvalue } from "./eigenvalue/index.ts";
import { emq } from "./emq/index.ts";
import { energy } from "./energy/index.ts";
import { energyEntropy } from "./energyEntropy/index.ts";
import { entropy } from "./entropy/index.ts";
import { fisher } from "./fisher/index.ts";
import { gradient } from "./gradient/index.ts";
import { imatrix } from "./imatrix/index.ts";
import { imatrixGgml } from "./imatrixGgml/index.ts";
import { interaction } from "./interaction/index.ts";
import { kl } from "./kl/index.ts";
import { kurtosis } from "./kurtosis/index.ts";
import { latency } from "./latency/index.ts";
import { layerCosine } from "./layerCosine/index.ts";
import { loudChannels } from "./loudChannels/index.ts";
import { lrp } from "./lrp/index.ts";
import { masked } from "./masked/index.ts";
import { modelNmse } from "./modelNmse/index.ts";
import { nmse } from "./nmse/index.ts";
import { outlierBlocks } from "./outlierBlocks/index.ts";
import { outputError } from "./outputError/index.ts";
import { outputNmse } from "./outputNmse/index.ts";
import { outputSqnr } from "./outputSqnr/index.ts";
import { outputSsim } from "./outputSsim/index.ts";
import { rowLoss } from "./rowLoss/index.ts";
import { salience } from "./salience/index.ts";
import type { Signal } from "./signal.ts";
import { trace } from "./trace/index.ts";
import { valueEntropy } from "./valueEntropy/index.ts";
import { weighted } from "./weighted/index.ts";

export {
  type ModelTotals,
  missingFor,
  type ResultSignal,
  type RowSignal,
  type RowTerms,
  type Signal,
  type SignalNeed,
  type SignalRows,
  type SignalTotals,
  type SignalWork,
  type TensorSignal,
} from "./signal.ts";

const list = [
  nmse,
  weighted,
  modelNmse,
  outputNmse,
  outputError,
  imatrix,
  imatrixGgml,
  kl,
  gradient,
  fisher,
  trace,
  eigenvalue,
  interaction,
  salience,
  lrp,
  entropy,
  valueEntropy,
  kurtosis,
  outlierBlocks,
  rowLoss,
  outputSqnr,
  outputSsim,
  latency,
  masked,
  emq,
  distilled,
  energy,
  energyEntropy,
  loudChannels,
  layerCosine,
] as const satisfies readonly Signal[];

export type SignalName = (typeof list)[number]["name"];

export const signals: readonly (Signal & { name: SignalName })[] = list;

const byName = new Map<string, Signal & { name: SignalName }>(signals.map((signal) => [signal.name, signal]));

/** The signal of a name from outside; undefined where there is none. */
export const signalNamed = (name: string): (Signal & { name: SignalName }) | undefined => byName.get(name);

/** Whether a signal's figures of all tensors were estimated on the same windows or draws, so that their errors go together. */
export const sharesItsSample = (name: string): boolean => ["model", "device"].includes(signalNamed(name)?.needs ?? "");

/** Times as a signal of scores: what each tensor takes under each recipe, by the width that the recipe stores. */
import type { AllocationTable } from "../../kernels/allocation/types.ts";
import { weighedObjective } from "../../kernels/signals/latency/objective.ts";
import { type Width, widthOf } from "../../kernels/signals/latency/packed.ts";
import { KEEP_CHOICE, tableOf } from "../scores/table.ts";
import type { ScoredTensor, ScoreFile, SignalScores } from "../scores/types.ts";
import type { LatencyAnswer, Timing } from "./types.ts";

/** Products that a tensor takes part in: a stack of experts is not multiplied whole. */
const isMatrix = ({ shape }: ScoredTensor): boolean => shape.length === 2;

/** What has to be timed for scores: shapes of matrices, and the widths of their recipes and of `keep`. */
export function wantedFor({ tensors }: ScoreFile): { shapes: [number, number][]; widths: Width[] } {
  const matrices = tensors.filter(isMatrix);
  const shapes = new Map(
    matrices.map(({ shape: [rows, cols] }) => [`${rows} ${cols}`, [rows, cols] as [number, number]]),
  );
  const widths = matrices.flatMap((tensor) =>
    [...tensor.bits, tensor.storedBits].flatMap((bits) => (bits === null ? [] : [widthOf(bits / tensor.elements)])),
  );
  return { shapes: [...shapes.values()], widths: [...new Set(widths)].sort((a, b) => a - b) };
}

/** Milliseconds of a token. Null where the product was not timed. */
export function latencyScores({ tensors }: Pick<ScoreFile, "tensors">, answer: LatencyAnswer): SignalScores {
  const known = new Map(answer.timings.map((one) => [`${one.rows} ${one.cols} ${one.width}`, one]));
  const timing = (tensor: ScoredTensor, bits: number | null): Timing | undefined => {
    if (bits === null || !isMatrix(tensor)) return undefined;
    const [rows, cols] = tensor.shape;
    return known.get(`${rows} ${cols} ${widthOf(bits / tensor.elements)}`);
  };
  return {
    values: tensors.map((tensor) => tensor.bits.map((bits) => timing(tensor, bits)?.median ?? null)),
    about: `${answer.about} A recipe is timed as plain codes of the largest width that is not more than its bits a weight.`,
  };
}

/** Milliseconds of each tensor as it is stored; null where it was not timed. */
export function keptLatency({ tensors }: Pick<ScoreFile, "tensors">, answer: LatencyAnswer): (number | null)[] {
  const alone = tensors.map((tensor) => ({ ...tensor, bits: [tensor.storedBits] }));
  return latencyScores({ tensors: alone }, answer).values.map(([value]) => value);
}

/** Milliseconds by item and choice of a table that was made of these scores: the second column of an objective. NaN where none is known. */
export function latencyCost(
  { items, choices }: AllocationTable,
  scores: ScoreFile,
  answer: LatencyAnswer,
): Float64Array {
  const tensors = new Map(scores.tensors.map(({ name }, t) => [name, t]));
  const [values, kept] = [latencyScores(scores, answer).values, keptLatency(scores, answer)];
  return Float64Array.from(
    items.flatMap(({ name }) => {
      const t = tensors.get(name);
      return choices.map((choice) => {
        if (t === undefined) return Number.NaN;
        const value = choice === KEEP_CHOICE ? kept[t] : values[t][scores.recipes.indexOf(choice)];
        return value ?? Number.NaN;
      });
    }),
  );
}

/** Choices by loss and time at once, as a signal by itself. */
export const LOSS_AND_TIME = "lossAndTime";

/**
 * OHQ's objective as a signal: alpha parts of another signal's losses and 1 - alpha of the time on this device, less that of the tensor as it is
 * stored, so that to keep it counts as 0 there as well. Null where either is not known. Throws UserError where the other signal has no losses by recipe.
 */
export function weighedScores(scores: ScoreFile, signal: string, answer: LatencyAnswer, alpha: number): SignalScores {
  const table = tableOf(scores, signal);
  const { choices } = table;
  const { loss } = weighedObjective(table.loss, latencyCost(table, scores, answer), choices.length, alpha);
  const keep = choices.indexOf(KEEP_CHOICE);
  const values = scores.tensors.map((_, t) =>
    scores.recipes.map((_, r) => {
      const value = loss[t * choices.length + r] - loss[t * choices.length + keep];
      return Number.isFinite(value) ? value : null;
    }),
  );
  const percent = Math.round(100 * alpha);
  return {
    values,
    about: `${percent} % of ${signal} and ${100 - percent} % of the time on this device (${answer.device}), each over the sum of its worst; against the tensor as it is stored`,
  };
}

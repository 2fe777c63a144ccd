/** Scores as the table that an allocation is made from. */
import type { AllocationItem, AllocationTable } from "../../kernels/allocation/types.ts";
import { signalNamed } from "../../kernels/signals/index.ts";
import { UserError } from "../errors/user-error.ts";
import type { ScoredTensor, ScoreFile } from "./types.ts";

/** The choice that leaves a tensor as it is stored. */
export const KEEP_CHOICE = "keep";

export interface TableOptions {
  /** Whether a tensor may stay as it is stored, without loss; usual: it may. */
  keep?: boolean;
  /** What tensors share that get one choice: a text for each group; null for a tensor that is free. Usual: all are free. */
  tie?(tensor: ScoredTensor): string | null;
}

/**
 * The table of one signal: an item for each tensor, a choice for each recipe and, last, `keep`.
 *
 * The loss is what can be added over tensors: value times the tensor's weight. Of `nmse` that is the squared error over the energy of
 * all scored tensors together, so that the sum over tensors is the nmse of the model as one; signals that are losses of the model (KL,
 * gradient times change) have no weight. Standard errors are multiplied alike, with
 * that of the weight beside them. Where there is no figure, the loss is NaN and `refused`
 * says why; where broken results are the reason, too.
 *
 * @throws {UserError} for a signal that the scores do not have, or that has no figure for each recipe.
 */
export function tableOf(scores: ScoreFile, signal: string, { keep = true, tie }: TableOptions = {}): AllocationTable {
  const { tensors, recipes, signals } = scores;
  const found = Object.hasOwn(signals, signal) ? signals[signal] : null;
  if (!found) {
    const there = Object.keys(signals).join(", ");
    throw new UserError(
      `The scores have no signal "${signal}". ${there === "" ? "They have none." : `There are ${there}.`}`,
    );
  }
  const alike = signalNamed(signal)?.byRecipe === false;
  if (alike || found.values.some((row) => row.length !== recipes.length)) {
    throw new UserError(
      `${signal} is one figure for a tensor, whatever the recipe: nothing can be chosen by it alone.`,
    );
  }
  const choices = keep ? [...recipes, KEEP_CHOICE] : [...recipes];
  const size = tensors.length * choices.length;
  const loss = new Float64Array(size).fill(Number.NaN);
  const bits = new Float64Array(size).fill(Number.NaN);
  const deviation = found.error ? new Float64Array(size) : null;
  tensors.forEach((tensor, t) => {
    const weight = found.weight ? found.weight[t] : 1;
    recipes.forEach((_, r) => {
      const at = t * choices.length + r;
      const value = found.values[t][r];
      bits[at] = tensor.bits[r] ?? Number.NaN;
      if (tensor.refused[r] === null) {
        // A tensor of zeros has no nmse, and loses nothing.
        if (weight === 0) loss[at] = 0;
        else if (value !== null && weight !== null) loss[at] = value * weight;
      }
      // The share of the energy is an estimate as well where rows were sampled: both errors, as if they were independent.
      const share = found.weight && tensor.energy ? (tensor.energyError ?? 0) / tensor.energy : 0;
      if (deviation) deviation[at] = Math.hypot(found.error?.[t][r] ?? 0, (value ?? 0) * share) * (weight ?? 0);
    });
    if (!keep) return;
    const at = (t + 1) * choices.length - 1;
    loss[at] = 0;
    bits[at] = tensor.storedBits;
  });
  return {
    items: tensors.map((tensor): AllocationItem => {
      const { name, elements, layer, role, storedBits } = tensor;
      return { name, kind: "weight", elements, layer, role, tie: tie?.(tensor) ?? null, storedBits };
    }),
    choices,
    loss,
    deviation,
    bits,
    refused(item, choice) {
      if (choice >= recipes.length || !Number.isNaN(loss[item * choices.length + choice])) return null;
      const tensor = tensors[item];
      return tensor.refused[choice] ?? `there is no ${signal} of ${tensor.name} under ${recipes[choice]}`;
    },
  };
}

/** Why the sum of a signal over tensors says nothing of the model, in a sentence; null where it does, or nothing is known of it. */
export function noSum(name: string, { signals }: Pick<ScoreFile, "signals">): string | null {
  const signal = signalNamed(name);
  if (!signal || signal.additive || (Object.hasOwn(signals, name) && signals[name].weight)) return null;
  return `${signal.title} is no sum over tensors: ${signal.sums}.`;
}

/** Bits of the tensors without scores, which a file of the whole model holds as they are stored: a part of every budget. */
export const fixedBitsOf = ({ leftOut = [] }: Pick<ScoreFile, "leftOut">): number =>
  leftOut.reduce((sum, { storedBits }) => sum + storedBits, 0);

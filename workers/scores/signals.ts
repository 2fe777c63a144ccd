/** Which signals of values are computed, and how sums over rows become their figures. */

import type { Calibration } from "../../kernels/calibration/types.ts";
import { missingFor, type Signal, type SignalWork, signalNamed } from "../../kernels/signals/index.ts";
import { UserError } from "../errors/user-error.ts";
import type { ScoredTensor, SignalScores } from "./types.ts";

/** Squared error over squares: what every scoring computes. */
export const NMSE = "nmse";

/**
 * Signals that follow from nmse, the tensors' energies and their elements, so that they need no pass of their own and are right over
 * whatever tensors a file has in the end.
 */
const FOLLOWING: Record<string, (of: { tensor: ScoredTensor; energy: number; elements: number }) => number | null> = {
  weighted: ({ tensor, elements }) => (elements > 0 ? tensor.elements / elements : null),
  modelNmse: ({ tensor, energy }) => (energy > 0 && tensor.energy !== null ? tensor.energy / energy : null),
};

export const isFollowing = (name: string): boolean => Object.hasOwn(FOLLOWING, name);

/** Whether a signal of a file was made by scoring rows: not by another program, which says so in words of its own, nor by a run of the model. */
export function isScored(name: string, { about }: Pick<SignalScores, "about">): boolean {
  const signal = signalNamed(name);
  return name === NMSE || isFollowing(name) || (signal?.work !== undefined && about === signal.says);
}

/** A signal that takes results of recipes, or values, row by row. */
export interface ValueSignal {
  signal: Signal;
  work: SignalWork;
}

/** The signals by name that rows are looked at for, without those that follow from nmse. Throws UserError for what is none of values. */
export async function valueSignals(names: readonly string[], calibrated: boolean): Promise<ValueSignal[]> {
  const found: ValueSignal[] = [];
  for (const name of new Set(names)) {
    const signal = signalNamed(name);
    if (!signal) throw new UserError(`There is no signal "${name}".`);
    if (name === NMSE || isFollowing(name)) continue;
    if (!calibrated && signal.needs !== "values" && signal.work) {
      throw new UserError(`${name} needs a calibration: ${missingFor(signal.needs, null) ?? "of the model's inputs"}.`);
    }
    if (!signal.work) {
      throw new UserError(
        `${name} is no signal of a tensor's values alone: it takes a model that runs, or several tensors.`,
      );
    }
    found.push({ signal, work: await signal.work() });
  }
  return found;
}

/** Why a signal has no figure for a tensor, in a sentence; null where it has. */
export function lacking({ signal }: ValueSignal, calibration: Calibration | null): string | null {
  const missing = missingFor(signal.needs, calibration);
  return missing === null ? null : `${signal.name}: ${missing}`;
}

/** A tensor's share of the energy of all; 0 for one of zeros. */
const shareOf = (tensor: ScoredTensor, energy: number): number | null =>
  tensor.energy === null ? null : energy > 0 ? tensor.energy / energy : 0;

/** Weights of nmse, and the signals that follow from it, over all tensors of a file. */
export function followingSignals(
  tensors: readonly ScoredTensor[],
  nmse: SignalScores,
  names: readonly string[],
): { weight: (number | null)[]; following: Record<string, SignalScores> } {
  const energy = tensors.reduce((sum, tensor) => sum + (tensor.energy ?? 0), 0);
  const elements = tensors.reduce((sum, tensor) => sum + tensor.elements, 0);
  const following: Record<string, SignalScores> = {};
  for (const name of names) {
    if (!isFollowing(name)) continue;
    const factors = tensors.map((tensor) => FOLLOWING[name]({ tensor, energy, elements }));
    const times = (rows: (number | null)[][]) =>
      rows.map((row, t) => row.map((value) => (value === null || factors[t] === null ? null : value * factors[t])));
    following[name] = {
      values: times(nmse.values),
      ...(nmse.error && { error: times(nmse.error) }),
      about: signalNamed(name)?.says ?? name,
    };
  }
  return { weight: tensors.map((tensor) => shareOf(tensor, energy)), following };
}

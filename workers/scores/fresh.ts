/**
 * The winning mix once more, on rows that did not choose it: who takes the least of many estimates takes what happened to look small, and
 * the sum of such is too good.
 */
import { NMSE } from "./signals.ts";
import type { ScoreFile, ScoresRequest, TensorScores } from "./types.ts";

/** Tensors that one recipe was chosen for. */
export interface FreshPart {
  recipe: string;
  tensors: string[];
}

/** What is to be measured again of a choice (by tensor: index of a recipe, or below 0 for what stays as stored): each recipe on its tensors. */
export function freshParts(
  { tensors, recipes }: Pick<ScoreFile, "tensors" | "recipes">,
  choice: ArrayLike<number>,
): FreshPart[] {
  const parts = recipes.map((recipe): FreshPart => ({ recipe, tensors: [] }));
  tensors.forEach(({ name }, t) => void parts[choice[t]]?.tensors.push(name));
  return parts.filter((part) => part.tensors.length > 0);
}

/** The request that measures a part: as the scores were made, whatever is asked for by now, with another seed, and without the rows that they read. */
export const freshRequest = (
  request: ScoresRequest,
  scores: ScoreFile,
  { recipe }: FreshPart,
  seed: number,
): ScoresRequest => ({
  ...request,
  ...{ recipes: [recipe], definitions: scores.definitions, signals: [NMSE], share: scores.share, seed },
  ...{ wholeStatistics: scores.wholeStatistics ?? false, budget: scores.budget ?? null },
  fresh: { seed: scores.seed, share: scores.share, recipes: scores.recipes },
});

export interface FreshLoss {
  /** The sum of the mix by the scores that chose it, and by fresh rows, with their standard errors: nmse of all tensors as one. */
  chosen: number;
  chosenError: number;
  fresh: number;
  freshError: number;
  /** Tensors that have fresh rows, and those that were read whole before: what is known of these has not changed. */
  tensors: number;
  whole: number;
}

/** Both sums, over the tensors that a recipe was chosen for. `rows` are the answers to the requests of all parts, in any order. */
export function freshLoss(scores: ScoreFile, choice: ArrayLike<number>, rows: readonly TensorScores[]): FreshLoss {
  const found = new Map(rows.map((row) => [row.tensor.name, row]));
  const { values, error, weight } = scores.signals[NMSE];
  const sum = { chosen: 0, fresh: 0, tensors: 0, whole: 0 };
  const variance = { chosen: 0, fresh: 0 };
  scores.tensors.forEach((tensor, t) => {
    const share = weight?.[t] ?? 0;
    const value = values[t][choice[t]];
    if (!(choice[t] >= 0) || value == null) return;
    const again = found.get(tensor.name);
    const fresh = again?.signals[NMSE].values[0] ?? null;
    const isFresh = again !== undefined && fresh !== null && (tensor.runs ?? 0) > 0 && !saysNotFresh(again);
    sum.chosen += share * value;
    sum.fresh += share * (isFresh ? fresh : value);
    sum[isFresh ? "tensors" : "whole"]++;
    const known = error?.[t][choice[t]] ?? 0;
    variance.chosen += (share * known) ** 2;
    variance.fresh += (share * (isFresh ? (again.signals[NMSE].error?.[0] ?? 0) : known)) ** 2;
  });
  return { ...sum, chosenError: Math.sqrt(variance.chosen), freshError: Math.sqrt(variance.fresh) };
}

const saysNotFresh = ({ notes }: TensorScores): boolean => notes.some((note) => note.endsWith(NOT_FRESH));

/** What a tensor's notes end with where fresh rows were asked for, and there are none. */
export const NOT_FRESH = "has no rows that were not read before";

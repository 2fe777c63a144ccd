/** The mix on the screen once more, on rows that did not choose it. */
import { type FreshLoss, freshLoss, freshParts, freshRequest } from "../../../../workers/scores/fresh.ts";
import type { ScoreFile, ScoresRequest, TensorScores } from "../../../../workers/scores/types.ts";
import { track } from "../../../state/busy.ts";
import { isAbort, messageOf, notify } from "../../../state/notices.ts";
import type { Workbench } from "../../../state/workbench.ts";
import { mixStoreOf } from "./store.ts";

/** Whether any tensor's figures are of a part of its rows, so that others are left to judge by. */
export const isSampled = ({ tensors }: Pick<ScoreFile, "tensors">): boolean =>
  tensors.some(({ rows, rowsRead }) => rowsRead > 0 && rowsRead < rows);

/** Names an assignment: the frontier that it is of, by its key, and the place there. Others may have as many bits. */
export const freshKey = (version: number, frontier: string | null, point: number): string =>
  JSON.stringify([version, frontier, point]);

/** Choices of a table, where `keep` is the last, as those of the scores: below 0 for what stays as it is. */
export const recipeChoices = (choice: Int32Array, recipes: number): Int32Array =>
  choice.map((c) => (c < recipes ? c : -1));

/**
 * Measures each tensor again under the recipe that it was assigned, on as many rows as were read before. `key` names the assignment.
 */
export async function measureFresh(
  w: Workbench,
  key: string,
  scores: ScoreFile,
  request: ScoresRequest,
  choice: Int32Array,
): Promise<void> {
  const store = mixStoreOf(w);
  store.getState().refreshing?.abort();
  const job = new AbortController();
  store.setState({ refreshing: job });
  const current = () => store.getState().refreshing === job;
  const chosen = recipeChoices(choice, scores.recipes.length);
  const rows: TensorScores[] = [];
  try {
    for (const part of freshParts(scores, chosen)) {
      const asked = freshRequest(request, scores, part, scores.seed + 1);
      await track(w.client.scores(asked, part.tensors, { signal: job.signal, onTensor: (one) => void rows.push(one) }));
    }
    const loss: FreshLoss = freshLoss(scores, chosen, rows);
    if (current()) store.setState({ fresh: { key, loss }, refreshing: null });
  } catch (error) {
    if (!current()) return;
    store.setState({ refreshing: null });
    if (!isAbort(error)) notify(messageOf(error), "error");
  }
}

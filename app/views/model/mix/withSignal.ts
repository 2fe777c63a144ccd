import { withSignals } from "../../../../workers/scores/imports/beside.ts";
import type { ScoreFile, SignalScores } from "../../../../workers/scores/types.ts";
import type { Workbench } from "../../../state/workbench.ts";
import { mixStoreOf } from "./store.ts";

/**
 * Puts a signal beside those on the screen. `of`: the scores that it was made for; where others are there by now, it is taken for the tensors
 * and recipes that they share. Throws a sentence where they share none, or are of another checkpoint.
 */
export function addSignal(w: Workbench, of: ScoreFile, name: string, signal: SignalScores): void {
  const { scores, version } = mixStoreOf(w).getState();
  if (!scores) return;
  const own = withSignals(scores, { ...of, signals: { [name]: signal }, notes: [] });
  mixStoreOf(w).setState({ scores: own, version: version + 1 });
}

/** What was timed on this device, and what is under way. */
import { createStore, type StoreApi } from "zustand/vanilla";
import { latencyScores, wantedFor } from "../../../../../workers/latency/scores.ts";
import type { LatencyAnswer, LatencyRequest } from "../../../../../workers/latency/types.ts";
import type { Progress } from "../../../../../workers/pace/progress.ts";
import type { ScoreFile } from "../../../../../workers/scores/types.ts";
import { track } from "../../../../state/busy.ts";
import { isAbort, messageOf } from "../../../../state/notices.ts";
import { CANCELLED } from "../../../../state/results.ts";
import { perWorkbench, type Workbench } from "../../../../state/workbench.ts";
import { cancellable } from "../panelJobs.ts";
import { addSignal } from "../withSignal.ts";

export interface LatencyStore {
  answer: LatencyAnswer | null;
  progress: Progress | null;
  job: AbortController | null;
  problem: string | null;
}

export const latencyOf = perWorkbench<StoreApi<LatencyStore>>(() =>
  createStore<LatencyStore>(() => ({ answer: null, progress: null, job: null, problem: null })),
);

/** Times the shapes of the scores at the widths of their recipes, and puts the times beside the signals. */
export async function timeProducts(w: Workbench, scores: ScoreFile, machine: LatencyRequest["machine"]): Promise<void> {
  const store = latencyOf(w);
  if (store.getState().job) return;
  const job = new AbortController();
  cancellable(w, store);
  store.setState({ job, problem: null, progress: null });
  try {
    const answer = await track(
      w.client.call(
        "latency",
        { ...wantedFor(scores), machine },
        { signal: job.signal, onProgress: (progress) => store.setState({ progress }) },
      ),
    );
    store.setState({ answer, job: null, progress: null });
    addSignal(w, scores, "latency", latencyScores(scores, answer));
  } catch (error) {
    store.setState({ job: null, progress: null, problem: isAbort(error) ? CANCELLED : messageOf(error) });
  }
}

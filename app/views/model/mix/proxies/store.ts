/** The proxy that was evolved last, and what is under way. */
import { createStore, type StoreApi } from "zustand/vanilla";
import type { Progress } from "../../../../../workers/pace/progress.ts";
import type { ProxiesAnswer } from "../../../../../workers/proxies/request.ts";
import type { ScoreFile } from "../../../../../workers/scores/types.ts";
import { track } from "../../../../state/busy.ts";
import { isAbort, messageOf } from "../../../../state/notices.ts";
import { CANCELLED } from "../../../../state/results.ts";
import { perWorkbench, type Workbench } from "../../../../state/workbench.ts";
import type { Ground } from "../ground.ts";
import { cancellable } from "../panelJobs.ts";
import { addSignal } from "../withSignal.ts";

export interface ProxiesStore {
  answer: ProxiesAnswer | null;
  /** What it was judged by. */
  truth: string | null;
  progress: Progress | null;
  job: AbortController | null;
  problem: string | null;
}

export const proxiesOf = perWorkbench<StoreApi<ProxiesStore>>(() =>
  createStore<ProxiesStore>(() => ({ answer: null, truth: null, progress: null, job: null, problem: null })),
);

/** Evolves one on the scores, and puts what it says beside the signals. */
export async function evolveProxy(
  w: Workbench,
  { calibration: _, definitions: __, ...ground }: Ground,
  asked: { scores: ScoreFile; truth: string; generations: number; seed: number },
): Promise<void> {
  const store = proxiesOf(w);
  if (store.getState().job) return;
  const job = new AbortController();
  cancellable(w, store);
  store.setState({ job, problem: null, progress: null });
  try {
    const answer = await track(
      w.client.call(
        "proxies",
        { ...ground, ...asked },
        { signal: job.signal, onProgress: (progress) => store.setState({ progress }) },
      ),
    );
    store.setState({ answer, truth: asked.truth, job: null, progress: null });
    addSignal(w, asked.scores, "emq", answer.signal);
  } catch (error) {
    store.setState({ job: null, progress: null, problem: isAbort(error) ? CANCELLED : messageOf(error) });
  }
}

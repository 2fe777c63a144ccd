/** The scores and the frontier that the page has, and what is under way. Its scores grow while they come: `version` says when. */
import { createStore, type StoreApi } from "zustand/vanilla";
import type { Frontier } from "../../../../kernels/allocation/types.ts";
import type { SolversAnswer } from "../../../../workers/frontier/request.ts";
import type { Progress } from "../../../../workers/pace/progress.ts";
import type { FreshLoss } from "../../../../workers/scores/fresh.ts";
import type { ScoreFile, ScoresPlan } from "../../../../workers/scores/types.ts";
import { perWorkbench } from "../../../state/workbench.ts";

export interface MixStore {
  /** The source that all of it is of. */
  source: string | null;
  scores: ScoreFile | null;
  version: number;
  /** The key of the request that the scores answer; null for a file's. */
  key: string | null;
  /** Whether all that was asked for is there. */
  complete: boolean;
  /** What a request comes to, by its key. */
  plan: { key: string; plan: ScoresPlan | null; problem: string | null } | null;
  progress: Progress | null;
  /** Ends what is under way; null while nothing is. */
  job: AbortController | null;
  problem: string | null;
  /** The key of what was last begun: what was cancelled does not begin again by itself. */
  begun: string | null;
  /** `items`: tensors of its table. */
  frontier: { key: string; source: string; items: number; frontier: Frontier; seconds: number } | null;
  solving: { key: string; progress: Progress | null } | null;
  /** What other solvers came to, for the frontier of a key. */
  compared: { key: string; points: SolversAnswer["points"] } | null;
  comparing: AbortController | null;
  /** What the assignment of a key came to on rows that did not choose it. */
  fresh: { key: string; loss: FreshLoss } | null;
  refreshing: AbortController | null;
  /** Why there is no frontier for a key. */
  unsolved: { key: string; problem: string } | null;
}

export const mixStoreOf = perWorkbench<StoreApi<MixStore>>(() =>
  createStore<MixStore>(() => ({
    ...{ source: null, scores: null, version: 0, key: null, complete: false, plan: null, progress: null },
    ...{
      job: null,
      problem: null,
      begun: null,
      frontier: null,
      solving: null,
      unsolved: null,
      compared: null,
      comparing: null,
      fresh: null,
      refreshing: null,
    },
  })),
);

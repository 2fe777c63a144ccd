/** Single-tensor KL that was measured for the leaderboard, on one text and under one recipe each, and what is under way. */
import { createStore, type StoreApi } from "zustand/vanilla";
import type { Progress } from "../../../../../workers/pace/progress.ts";
import type { KnownScore, SensitivityAnswer, SensitivityRequest } from "../../../../../workers/sensitivity/request.ts";
import { track } from "../../../../state/busy.ts";
import { isAbort, messageOf } from "../../../../state/notices.ts";
import { CANCELLED } from "../../../../state/results.ts";
import { perWorkbench, type Workbench } from "../../../../state/workbench.ts";
import type { Ground } from "../ground.ts";
import { cancellable } from "../panelJobs.ts";
import type { MeasuredKl } from "./standings.ts";

/** What one measurement is asked for. */
export interface Wanted {
  /** Tells it from others: the run's key and the recipe. */
  id: string;
  ground: Ground;
  recipe: string;
  /** Text and windows, for the reader. */
  words: string;
}

export interface LeaderboardStore {
  /** By the id of what was wanted. */
  measured: ReadonlyMap<string, MeasuredKl>;
  /** Scores of runs that were cancelled, so that asking again goes on where they ended. */
  known: ReadonlyMap<string, readonly KnownScore[]>;
  progress: { words: string; now: Progress | null } | null;
  job: AbortController | null;
  problem: string | null;
}

export const leaderboardOf = perWorkbench<StoreApi<LeaderboardStore>>(() =>
  createStore<LeaderboardStore>(() => ({
    ...{ measured: new Map(), known: new Map(), progress: null, job: null, problem: null },
  })),
);

/** What a run asks of the workers: KL alone, all weights of the layers one at a time. */
export const requestOf = ({ ground, recipe }: Wanted, known: readonly KnownScore[] = []): SensitivityRequest => ({
  ...ground,
  ...{ recipes: [recipe], signals: ["kl"], tensors: null, seed: 0, known: [...known] },
});

/** An answer as measured KL under its one recipe. */
export function measuredOf({ id, words, recipe }: Wanted, answer: SensitivityAnswer): MeasuredKl {
  const kl = answer.signals.kl;
  const rows = (of: readonly (readonly (number | null)[])[] | undefined) =>
    new Map(answer.tensors.map((name, t) => [name, of?.[t] ?? [null]]));
  // The recipe as it was asked for: scores name it so.
  return {
    ...{ id, text: words, recipes: [recipe], noise: answer.noise?.kl ?? null },
    ...{ values: rows(kl?.values), errors: rows(kl?.error) },
  };
}

/** Measures one after the other what is not there yet; what was measured before a cancel or a failure stays. */
export async function measureAll(w: Workbench, wanted: readonly Wanted[]): Promise<void> {
  const store = leaderboardOf(w);
  if (store.getState().job) return;
  const job = new AbortController();
  cancellable(w, store);
  store.setState({ job, problem: null, progress: null });
  try {
    for (const one of wanted) {
      if (store.getState().measured.has(one.id)) continue;
      const known = store.getState().known.get(one.id) ?? [];
      const came = new Map(known.map((score) => [score.tensor, score]));
      const words = `${one.recipe} on ${one.words}`;
      store.setState({ progress: { words, now: null } });
      try {
        const answer = await track(
          w.client.call("sensitivity", requestOf(one, known), {
            signal: job.signal,
            onProgress: (now) => store.setState({ progress: { words, now } }),
            onPart: (part) => {
              if (part.part === "score") came.set(part.score.tensor, part.score);
            },
          }),
        );
        store.setState(({ measured }) => ({ measured: new Map(measured).set(one.id, measuredOf(one, answer)) }));
      } finally {
        store.setState(({ known: before }) => ({ known: new Map(before).set(one.id, [...came.values()]) }));
      }
    }
    store.setState({ job: null, progress: null });
  } catch (error) {
    store.setState({ job: null, progress: null, problem: isAbort(error) ? CANCELLED : messageOf(error) });
  }
}

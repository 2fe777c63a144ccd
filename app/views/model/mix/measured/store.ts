/** Mixes that were measured, and what is under way. What was measured of a recipe on a text stays, whatever is chosen next. */
import { createStore, type StoreApi } from "zustand/vanilla";
import type { Progress } from "../../../../../workers/pace/progress.ts";
import type { MeasuredMix, MixToMeasure } from "../../../../../workers/sensitivity/request.ts";
import { track } from "../../../../state/busy.ts";
import { isAbort, messageOf } from "../../../../state/notices.ts";
import { CANCELLED } from "../../../../state/results.ts";
import { perWorkbench, type Workbench } from "../../../../state/workbench.ts";
import type { Ground } from "../ground.ts";
import { cancellable } from "../panelJobs.ts";
import type { PointKind } from "./points.ts";

/** An assignment that can be measured. */
export interface Candidate {
  kind: Exclude<PointKind, "log">;
  label: string;
  /** As a model recipe: tells it from others. */
  rules: string;
  /** What each scored tensor gets, by name: a recipe or "keep". */
  assigned: ReadonlyMap<string, string>;
  notes: readonly string[];
}

export interface Measurement {
  candidate: Candidate;
  mix: MeasuredMix;
  /** The rules of the chosen mix that it was run beside: its difference is from that one. */
  beside: string | null;
}

export interface MeasuredStore {
  /** By the ground's key, then by rules. */
  grounds: ReadonlyMap<string, ReadonlyMap<string, Measurement>>;
  /** KL below it is none, by the ground's key. */
  noise: ReadonlyMap<string, number>;
  /** Said of the runs, by the ground's key. */
  notes: ReadonlyMap<string, readonly string[]>;
  progress: Progress | null;
  /** Seconds that the run under way takes in all, as far as known. */
  seconds: number | null;
  job: AbortController | null;
  problem: string | null;
}

export const measuredOf = perWorkbench<StoreApi<MeasuredStore>>(() =>
  createStore<MeasuredStore>(() => ({
    ...{ grounds: new Map(), noise: new Map(), notes: new Map(), progress: null, seconds: null, job: null },
    problem: null,
  })),
);

const kindOf = (kind: Candidate["kind"]): MixToMeasure["kind"] => (kind === "mix" ? "chosen" : kind);

/**
 * Measures candidates on a ground; one run at a time. Each is kept as it comes, so that a cancel or a failure leaves what was measured.
 * @param predicted KL that the scores foretell; null where they foretell none
 */
export async function measure(
  w: Workbench,
  { ground, key }: { ground: Ground; key: string },
  candidates: readonly Candidate[],
  predicted: (candidate: Candidate) => number | null,
): Promise<void> {
  const store = measuredOf(w);
  if (store.getState().job || candidates.length === 0) return;
  const job = new AbortController();
  cancellable(w, store);
  store.setState({ job, problem: null, progress: null, seconds: null });
  const beside = candidates.find(({ kind }) => kind === "mix")?.rules ?? null;
  const put = (candidate: Candidate, mix: MeasuredMix) =>
    store.setState(({ grounds }) => {
      const own = new Map(grounds.get(key)).set(candidate.rules, { candidate, mix, beside });
      return { grounds: new Map(grounds).set(key, own) };
    });
  const mixes = candidates.map((candidate): MixToMeasure => {
    const { label, kind, rules } = candidate;
    return { name: label, kind: kindOf(kind), weights: rules, predicted: predicted(candidate) };
  });
  try {
    const answer = await track(
      w.client.call(
        "measureMixes",
        { ...ground, mixes },
        {
          signal: job.signal,
          onProgress: (progress) => store.setState({ progress }),
          onPart: (part) => {
            if (part.part === "plan") store.setState({ seconds: part.plan.seconds });
            else if (part.part === "mix") put(candidates[part.index], part.mix);
          },
        },
      ),
    );
    for (const [i, mix] of answer.mixes.entries()) put(candidates[i], mix);
    store.setState(({ noise, notes }) => ({
      ...{ job: null, progress: null, notes: new Map(notes).set(key, [answer.about, ...answer.notes]) },
      ...(answer.noise && { noise: new Map(noise).set(key, answer.noise.kl) }),
    }));
  } catch (error) {
    store.setState({ job: null, progress: null, problem: isAbort(error) ? CANCELLED : messageOf(error) });
  }
}

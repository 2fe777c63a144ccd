/** The run of the model that a signal needs, where it is one that does. */
import { useEffect, useMemo, useState } from "react";
import type { ScoreFile } from "../../../../workers/scores/types.ts";
import type { SensitivityPlan } from "../../../../workers/sensitivity/request.ts";
import { isAbort, messageOf } from "../../../state/notices.ts";
import { useStoreOf, useWorkbench } from "../../../state/workbench.ts";
import { foreseeModel, hasWhole, modelRequest, SCORING, scoreByModel } from "./modelScores.ts";
import { isOfModel } from "./signals.ts";
import type { MixState } from "./state.ts";
import { mixStoreOf } from "./store.ts";
import { useGround } from "./useGround.ts";

export interface ModelScoring {
  /** Null while it is being looked ahead. */
  plan: SensitivityPlan | null;
  /** Why it cannot be run. */
  problem: string | null;
  /** Text and windows. */
  words: string | null;
  start(): void;
}

/** Null where the signal needs no run, or has all its figures. */
export function useModelScoring(state: MixState, scores: ScoreFile | null): ModelScoring | null {
  const w = useWorkbench();
  const ground = useGround({ text: SCORING.text, windows: SCORING.windows, length: SCORING.length });
  const { job, complete } = useStoreOf(mixStoreOf(w), (s) => s);
  const wanted = isOfModel(state.signal) && complete && scores !== null && !hasWhole(scores, state.signal);
  const request = useMemo(
    () =>
      wanted && scores && ground.ground
        ? modelRequest(ground.ground, scores, state.signal, state.seed, ground.words)
        : null,
    [wanted, scores, ground.ground, ground.words, state.signal, state.seed],
  );
  const key = request && JSON.stringify([ground.key, request.signals, request.recipes, request.tensors?.length]);
  const [ahead, setAhead] = useState<{ key: string; plan: SensitivityPlan | null; problem: string | null } | null>(
    null,
  );
  // biome-ignore lint/correctness/useExhaustiveDependencies: the key stands for the request
  useEffect(() => {
    if (key === null || !request || job) return;
    const asking = new AbortController();
    foreseeModel(w, request, asking.signal)
      .then((plan) => setAhead({ key, plan, problem: null }))
      .catch((error) => !isAbort(error) && setAhead({ key, plan: null, problem: messageOf(error) }));
    return () => asking.abort();
  }, [w, key, job]);
  if (!wanted) return null;
  if (!ground.ground) return { plan: null, problem: ground.why, words: null, start: () => {} };
  const now = ahead?.key === key ? ahead : null;
  return {
    plan: now?.plan ?? null,
    problem: now?.problem ?? null,
    words: ground.words,
    start: () => request && void scoreByModel(w, request, ground.words),
  };
}

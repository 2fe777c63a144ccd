/** What would be scored, what it will read, and the scoring itself, which begins alone where it is a second's work. */
import { useCallback, useEffect, useMemo } from "react";
import { calibrationFacts } from "../../../../workers/scores/file.ts";
import { readDefinitions } from "../../../controls/definitions.ts";
import { useExperiment, useStoreOf, useWorkbench } from "../../../state/workbench.ts";
import { usePlan } from "../../sweep/plan.ts";
import { beginsAlone, foreseeScores, planScores, startScores } from "./scoring.ts";
import type { MixState } from "./state.ts";
import { mixStoreOf } from "./store.ts";

export function useScoring(source: string, state: MixState) {
  const w = useWorkbench();
  const info = useStoreOf(w.source.store, (s) => s.info);
  const definitionTexts = useExperiment((e) => e.definitions);
  const { definitions } = readDefinitions(definitionTexts);
  const grid = usePlan(state.grid, definitions);
  const calibration = useStoreOf(w.calibration.store, (s) => s);
  const store = mixStoreOf(w);
  const { plan, job, begun, key, scores } = useStoreOf(store, (s) => s);
  const known = calibration.status === "none" ? undefined : (calibration.info?.id ?? null);
  const recipes = grid.plan?.recipes;
  const planned = useMemo(() => {
    if (!info || info.id !== source || !recipes || recipes.length === 0 || known === null) return null;
    const texts = recipes.map(({ text }) => text);
    return planScores(state, info, texts, definitionTexts, known);
  }, [info, source, recipes, known, definitionTexts, state]);
  // Another source has scores of its own.
  useEffect(() => {
    if (store.getState().source === source) return;
    store.getState().job?.abort();
    store.setState({ ...store.getInitialState(), source });
  }, [store, source]);
  const wanted = planned?.key ?? null;
  // biome-ignore lint/correctness/useExhaustiveDependencies: equal keys stand for equal requests
  useEffect(() => {
    if (!planned || store.getState().plan?.key === wanted) return;
    const asking = new AbortController();
    void foreseeScores(w, planned, asking.signal);
    return () => asking.abort();
  }, [w, wanted]);
  const ahead = plan?.key === wanted ? plan : null;
  const start = useCallback(() => {
    if (!planned || !ahead?.plan || !info) return;
    const inputs = calibration.info && calibrationFacts(calibration.info);
    void startScores(w, planned, ahead.plan, { label: info.label, calibration: inputs });
  }, [w, planned, ahead, info, calibration.info]);
  const remote = info?.address !== undefined;
  // What was scored, cancelled or opened from a file is not scored again unasked.
  useEffect(() => {
    if (!planned || !ahead?.plan || job || begun === planned.key || key === planned.key) return;
    if (scores !== null && key === null) return;
    if (beginsAlone(ahead.plan, remote)) start();
  }, [planned, ahead, job, begun, key, scores, remote, start]);
  const why = grid.mistake
    ? `The grid cannot be read: ${grid.mistake.message}`
    : recipes?.length === 0
      ? "The grid has no recipe that makes sense."
      : null;
  return { planned, plan: ahead?.plan ?? null, problem: ahead?.problem ?? null, why, start };
}

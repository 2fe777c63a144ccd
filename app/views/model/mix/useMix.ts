/** What the mix shows, worked out of the experiment and of what the workers gave. */
import { useDeferredValue, useEffect, useMemo } from "react";
import { forbidsOf, runtimes, tiedFor } from "../../../../kernels/allocation/runtimes/index.ts";
import type { AllocationTable, Frontier } from "../../../../kernels/allocation/types.ts";
import { within } from "../../../../kernels/allocation/types.ts";
import { KEEP } from "../../../../kernels/notation/index.ts";
import { rulesOf } from "../../../../workers/mixes/rules.ts";
import { fixedBitsOf, tableOf } from "../../../../workers/scores/table.ts";
import type { ScoreFile } from "../../../../workers/scores/types.ts";
import { messageOf } from "../../../state/notices.ts";
import { useExperiment, useStoreOf, useWorkbench } from "../../../state/workbench.ts";
import { modelStoreOf } from "../binding.ts";
import { bitsOfBudget, usualBits, type WholeSize } from "./budget.ts";
import { type Limits, limitsOf } from "./limits/limits.ts";
import type { MixInView } from "./panel.ts";
import { type MixPoint, uniformPoints, usefulRange } from "./points.ts";
import { type Selected, selectedBy } from "./selection.ts";
import { type MixProblem, solve } from "./solving.ts";
import { mixOf } from "./state.ts";
import { type MixStore, mixStoreOf } from "./store.ts";
import { assignedOf, tensorsOf } from "./tensors.ts";
import { useCache } from "./useCache.ts";
import { MANY, useResting } from "./useResting.ts";

/** What the view needs beside what panels are given. */
export interface MixOnScreen {
  mix: MixInView;
  /** Why the scores cannot be added up by the signal that is asked for. */
  tableProblem: string | null;
  limits: Limits | null;
  selected: Selected | null;
  /** By tensor: 1 where it is selected, 2 where it is pinned. */
  flags: Uint8Array;
  /** The marked tensor's index; null for none. */
  marked: number | null;
  /** Bits that the budget allows; null while there is no frontier. */
  budgetBits: number | null;
  /** One recipe for all tensors; empty while there is no table. */
  uniform: readonly MixPoint[];
  /** The frontier on the screen is of something else than what is asked. */
  old: boolean;
  /** Why there is no frontier. */
  unsolved: string | null;
  /** What other solvers are asked with; null while there is no frontier of what is asked for. */
  problem: MixProblem | null;
  /** Why the KV cache cannot be counted; null where it is, or does not count. */
  cacheProblem: string | null;
  /** Why there are no rules where there is an assignment. */
  rulesProblem: string | null;
}

const NO_FLAGS = new Uint8Array(0);

/** The whole file: what is scored and what the scores, or else the plan, leave out. */
function sizeOf(plan: MixStore["plan"], scores: ScoreFile | null, cacheBits: number): WholeSize | null {
  if (!scores) return null;
  if (scores.leftOut) {
    const all = [...scores.tensors, ...scores.leftOut];
    return { elements: all.reduce((sum, one) => sum + one.elements, 0), fixedBits: fixedBitsOf(scores), cacheBits };
  }
  // Imported scores may say nothing of what they leave out.
  if (!plan?.plan) return null;
  const { tensors, leftOut } = plan.plan;
  const all = [...tensors, ...leftOut];
  const elements = all.reduce((sum, one) => sum + one.elements, 0);
  const bits = all.reduce((sum, one) => sum + one.storedBits, 0);
  const scored = scores.tensors.reduce((sum, one) => sum + one.storedBits, 0);
  return { elements, fixedBits: Math.max(0, bits - scored), cacheBits };
}

function tableFor(scores: ScoreFile | null, signal: string): { table: AllocationTable | null; problem: string | null } {
  if (!scores || scores.tensors.length === 0) return { table: null, problem: null };
  try {
    return { table: tableOf(scores, signal), problem: null };
  } catch (error) {
    return { table: null, problem: messageOf(error) };
  }
}

export function useMix(source: string): MixOnScreen {
  const w = useWorkbench();
  const state = useExperiment(mixOf);
  const network = useStoreOf(modelStoreOf(w), (s) => s.info);
  const { scores: held, version, job, plan, frontier: found, unsolved } = useStoreOf(mixStoreOf(w), (s) => s);
  const own = useStoreOf(mixStoreOf(w), (s) => s.source);
  const scores = own === source ? held : null;
  // biome-ignore lint/correctness/useExhaustiveDependencies: scores may grow in place
  const tensors = useMemo(() => (scores ? tensorsOf(scores) : null), [scores, version]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: scores may grow in place
  const bare = useMemo(() => tableFor(scores, state.signal), [scores, version, state.signal]);
  const { problem } = bare;
  const runtime = runtimes.find(({ name }) => name === state.runtime) ?? null;
  const tied = network?.tied ?? false;
  const table = useMemo(
    () => (bare.table && runtime ? tiedFor(runtime, bare.table, { tied }) : bare.table),
    [bare.table, runtime, tied],
  );
  const cache = useCache(source, state);
  const size = useMemo(() => sizeOf(plan, scores, cache.bits), [plan, scores, cache.bits]);
  const { pins, first, last, least, chosen } = state;
  const limits = useMemo(
    () =>
      tensors && table
        ? limitsOf({ pins, first, last, least }, tensors, table, runtime && forbidsOf(runtime, table))
        : null,
    [tensors, table, pins, first, last, least, runtime],
  );
  const selected = useMemo(() => (tensors && chosen !== "" ? selectedBy(chosen, tensors) : null), [tensors, chosen]);
  const flags = useMemo(() => {
    if (!tensors) return NO_FLAGS;
    const out = new Uint8Array(tensors.count);
    for (let i = 0; i < out.length; i++) out[i] = (selected?.mask[i] ?? 0) | (limits && limits.pinned[i] >= -1 ? 2 : 0);
    return out;
  }, [tensors, selected, limits]);

  const spent = size ? size.fixedBits + size.cacheBits : null;
  const key =
    table && limits && spent !== null && job === null
      ? JSON.stringify([source, version, state.signal, pins, first, last, least, state.runtime, tied, spent])
      : null;
  // biome-ignore lint/correctness/useExhaustiveDependencies: the key stands for all that it is made of
  useEffect(() => {
    const { frontier, solving, unsolved } = mixStoreOf(w).getState();
    if (key === null || !table || !limits || spent === null) return;
    if (frontier?.key === key || solving?.key === key || unsolved?.key === key) return;
    void solve(w, { key, table, limits, fixedBits: spent });
  }, [w, key]);

  // A frontier of another table has other tensors: it is shown, as old, only where these are the same.
  const fits = found !== null && tensors !== null && found.items === tensors.count && found.source === source;
  const frontier: Frontier | null = fits ? found.frontier : null;
  // All losses are added up for it: once for a table, not at every step of the slider.
  const uniform = useMemo(
    () => (table && tensors && spent !== null ? uniformPoints(table, tensors, spent) : []),
    [table, tensors, spent],
  );
  const budgetBits = useMemo(() => {
    if (!frontier || !size || !tensors || frontier.bits.length === 0) return null;
    const low = frontier.bits[0];
    const [, high] = usefulRange(frontier.bits, uniform, KEEP, low);
    return state.budget === null
      ? usualBits(tensors.totalElements, size, low, high)
      : bitsOfBudget(state.budget, state.unit, size);
  }, [frontier, size, tensors, uniform, state.budget, state.unit]);
  // Budgets in bits a weight are a product and a sum away from whole bits.
  const point = frontier && budgetBits !== null ? within(frontier, budgetBits * (1 + 1e-12)) : -1;
  const assigned = useMemo(
    () => (frontier && table && tensors && point >= 0 ? assignedOf(table, tensors, frontier.at(point).choice) : null),
    [frontier, table, tensors, point],
  );
  // Rules of many tensors take a while, and nobody reads them while the slider moves.
  const settled = useDeferredValue(useResting(assigned, tensors && tensors.count > MANY ? 400 : 0));
  const { rules, rulesProblem } = useMemo(() => {
    if (!settled || !tensors || !table || settled.choice.length !== tensors.count)
      return { rules: null, rulesProblem: null };
    const list = tensors.names.map((name, i) => ({
      name,
      recipe: settled.choice[i] < 0 ? KEEP : table.choices[settled.choice[i]],
    }));
    try {
      return { rules: rulesOf(list), rulesProblem: null };
    } catch (error) {
      return { rules: null, rulesProblem: messageOf(error) };
    }
  }, [settled, tensors, table]);
  const marked = useMemo(() => {
    const at = tensors && state.tensor !== null ? tensors.names.indexOf(state.tensor) : -1;
    return at < 0 ? null : at;
  }, [tensors, state.tensor]);
  const mix = useMemo<MixInView>(
    () => ({ source, state, network, scores, tensors, table, size, frontier, point, assigned, rules }),
    [source, state, network, scores, tensors, table, size, frontier, point, assigned, rules],
  );
  return {
    ...{
      mix,
      tableProblem: problem,
      limits,
      selected,
      flags,
      marked,
      budgetBits,
      uniform,
      rulesProblem,
      cacheProblem: cache.problem,
    },
    problem:
      key !== null && table && limits && spent !== null && found?.key === key
        ? { key, table, limits, fixedBits: spent }
        : null,
    old: frontier !== null && key !== null && found?.key !== key,
    unsolved: unsolved !== null && unsolved.key === key ? unsolved.problem : null,
  };
}

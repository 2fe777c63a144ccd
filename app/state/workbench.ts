/** The page's state in one object: made once, given to the components by context, made with a fake client in tests. */
import { createContext, useContext } from "react";
import { useStore } from "zustand";
import type { StoreApi } from "zustand/vanilla";
import type { WorkbenchClient } from "../../workers/client/index.ts";
import { parseExperimentFile } from "../link/file.ts";
import { type Experiment, same } from "./experiment.ts";
import { createHighlightStore } from "./highlight.ts";
import { LargeTensors } from "./large.ts";
import { startLettingGo } from "./letGo.ts";
import { Marks } from "./marks.ts";
import { notify } from "./notices.ts";
import { OthersKeeper } from "./others.ts";
import { Runner } from "./runs.ts";
import { Seeds } from "./seeds.ts";
import { SourceKeeper } from "./source.ts";
import { Summaries } from "./summaries.ts";
import { createSweepStore, type SweepStore } from "./sweep.ts";
import { createTimeline, type Timeline } from "./timeline.ts";

export interface Workbench {
  client: WorkbenchClient;
  timeline: Timeline;
  source: SourceKeeper;
  others: OthersKeeper;
  large: LargeTensors;
  runs: Runner;
  highlight: ReturnType<typeof createHighlightStore>;
  marks: Marks;
  seeds: Seeds;
  summaries: Summaries;
  sweep: SweepStore;
  /** Loads an experiment's file; false where the text is something else. */
  loadExperiment(text: string): boolean;
}

export function createWorkbench(client: WorkbenchClient, experiment: Experiment): Workbench {
  const timeline = createTimeline(experiment);
  const loadExperiment = (text: string) => {
    const read = parseExperimentFile(text);
    if (!read) return false;
    for (const sentence of read.said) notify(sentence, "error");
    timeline.change(() => read.experiment);
    return true;
  };
  const source = new SourceKeeper(client, timeline, loadExperiment);
  const others = new OthersKeeper(client, timeline, source);
  const large = new LargeTensors();
  const runs = new Runner(client, timeline, source, others, large);
  startLettingGo(client, timeline, runs);
  const highlight = createHighlightStore();
  const marks = new Marks(client, highlight, runs);
  const seeds = new Seeds(client, runs, timeline);
  const summaries = new Summaries(client, runs);
  const sweep = createSweepStore();
  timeline.subscribe(({ experiment: now }, { experiment: before }) => {
    // Another tensor has other elements; typed numbers are the same ones with other values.
    const retyped = now.source.kind === "text" && before.source.kind === "text";
    if (!retyped && (now.tensor !== before.tensor || !same(now.source, before.source))) highlight.getState().release();
  });
  return { client, timeline, source, others, large, runs, highlight, marks, seeds, summaries, sweep, loadExperiment };
}

export const WorkbenchContext = createContext<Workbench | null>(null);

export function useWorkbench(): Workbench {
  const workbench = useContext(WorkbenchContext);
  if (!workbench) throw new Error("The page's state is missing.");
  return workbench;
}

/** A part of a store, read by a component. */
export function useStoreOf<S, T>(store: StoreApi<S>, select: (state: S) => T): T {
  return useStore(store, select);
}

export function useExperiment<T>(select: (experiment: Experiment) => T): T {
  return useStore(useWorkbench().timeline, (state) => select(state.experiment));
}

/** The page's state in one object: made once, given to the components by context, made with a fake client in tests. */
import { createContext, useContext } from "react";
import { useStore } from "zustand";
import type { StoreApi } from "zustand/vanilla";
import type { WorkbenchClient } from "../../workers/client/index.ts";
import { CalibrationKeeper } from "./calibration.ts";
import { type Experiment, same } from "./experiment.ts";
import { createHighlightStore } from "./highlight.ts";
import { LargeTensors } from "./large.ts";
import { type Keeping, startLettingGo } from "./letGo.ts";
import { Marks } from "./marks.ts";
import { notify } from "./notices.ts";
import { OthersKeeper } from "./others.ts";
import type { Part } from "./part.ts";
import { Runner } from "./runs.ts";
import { SourceKeeper } from "./source.ts";
import { Summaries } from "./summaries.ts";
import { createTimeline, type Timeline } from "./timeline.ts";

/** What the page around the state knows and the state does not: its views and panels, and how an experiment is written. */
export interface Surroundings {
  /** What views and panels keep in an experiment. */
  parts: readonly Part[];
  /** What a view wants the workers to keep at hand while it is on the screen. */
  keeps(tab: string | null): Keeping;
  /** The address a colleague can open, and what is not in it. */
  linkOf(experiment: Experiment): { href: string; omitted: string[] };
  /** The experiment in a file's text, and what was not understood; null where the text is something else. */
  readFile(text: string): { experiment: Experiment; said: string[] } | null;
}

export interface Workbench extends Surroundings {
  client: WorkbenchClient;
  timeline: Timeline;
  source: SourceKeeper;
  others: OthersKeeper;
  calibration: CalibrationKeeper;
  large: LargeTensors;
  runs: Runner;
  highlight: ReturnType<typeof createHighlightStore>;
  marks: Marks;
  summaries: Summaries;
  /** Loads an experiment's file; false where the text is something else. */
  loadExperiment(text: string): boolean;
}

export function createWorkbench(client: WorkbenchClient, experiment: Experiment, page: Surroundings): Workbench {
  const timeline = createTimeline(experiment);
  const loadExperiment = (text: string) => {
    const read = page.readFile(text);
    if (!read) return false;
    for (const sentence of read.said) notify(sentence, "error");
    timeline.change(() => read.experiment);
    return true;
  };
  const openModule = async (file: File) => {
    // Few bring one: loaded for those.
    const modules = await import("./modules.ts");
    await modules.openModule(file, client, timeline, () => runs.again());
  };
  const source = new SourceKeeper(client, timeline, loadExperiment, openModule);
  const others = new OthersKeeper(client, timeline, source);
  const calibration = new CalibrationKeeper(client, timeline);
  const large = new LargeTensors();
  const runs = new Runner(client, timeline, source, others, large, calibration);
  startLettingGo(client, timeline, runs, page.keeps);
  const highlight = createHighlightStore();
  const marks = new Marks(client, highlight, runs);
  const summaries = new Summaries(client, runs);
  timeline.subscribe(({ experiment: now }, { experiment: before }) => {
    // Another tensor has other elements; typed numbers are the same ones with other values.
    const retyped = now.source.kind === "text" && before.source.kind === "text";
    if (!retyped && (now.tensor !== before.tensor || !same(now.source, before.source))) highlight.getState().release();
  });
  return {
    ...page,
    client,
    timeline,
    source,
    others,
    calibration,
    large,
    runs,
    highlight,
    marks,
    summaries,
    loadExperiment,
  };
}

/**
 * A store or keeper that one view has for each page, made when it is first asked for: what the view knows and no
 * experiment holds.
 */
export function perWorkbench<T>(make: (w: Workbench) => T): (w: Workbench) => T {
  const made = new WeakMap<Workbench, T>();
  return (w) => {
    const known = made.get(w);
    if (known !== undefined) return known;
    const one = make(w);
    made.set(w, one);
    return one;
  };
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

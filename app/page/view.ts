/** What a view is: a tab of the page with its part of an experiment and of its link, and what can be done in it. */
import { type ComponentType, createContext, useContext } from "react";
import type { Action } from "../actions/action.ts";
import type { LinkPart } from "../link/scheme.ts";
import { type Experiment, withLook } from "../state/experiment.ts";
import type { Keeping } from "../state/letGo.ts";
import { useExperiment, type Workbench } from "../state/workbench.ts";

/** What pictures and files of a view say beside it. */
export interface ViewCaption {
  /** Under the title. */
  lines: string[];
  /** The experiment that the charts show. */
  experiment: Experiment;
  /** What files of this view are named after. */
  stem: string;
}

/** What the command line is told. */
export interface Command {
  verb: string;
  /** Names, each for a command of its own; none for the experiment's. Null: the whole source. */
  tensors: readonly string[] | null;
  /** Flags and values, as they are before a shell's quotes. */
  options: readonly string[];
  /** What the command cannot say. */
  notes: readonly string[];
}

/** What a view writes as files. Without a part of it the page does for it what it does for the results of A and B. */
export interface ViewFiles {
  /** Whether there are figures to write. */
  hasFigures?(w: Workbench): boolean;
  saveFigures?(w: Workbench, kind: "csv" | "json"): Promise<void>;
  /** Whether there are charts to write. */
  hasCharts?(w: Workbench): boolean;
  saveCharts?(w: Workbench, kind: "svg" | "png"): Promise<void>;
  caption?(w: Workbench): ViewCaption;
  /** The experiment as a command, for views that show more than a tensor under A and B. */
  command?(experiment: Experiment): Command;
}

export interface View {
  /** As links name it; no two views share one. */
  id: string;
  label: string;
  /** Loaded when it is first seen. */
  View: ComponentType;
  /** What it keeps in an experiment, and how links and files hold that. */
  links?: readonly LinkPart[];
  /** What the workers should have at hand while it is seen. */
  keeps?: Keeping;
  /** CSS selector of its first field, for whoever goes by the keyboard. */
  field?: string;
  /** What the page can be told to do in it. */
  actions?(w: Workbench): readonly Action[];
  /** Stops what it has under way; false where that is nothing. */
  cancel?(w: Workbench): boolean;
  files?: ViewFiles;
}

/** The page's views in the order of their tabs, handed in where the page is put together. */
export const ViewsContext = createContext<readonly View[]>([]);

export const useViews = (): readonly View[] => useContext(ViewsContext);

/** The view that an experiment shows: the first, where it names none. */
export const viewOf = (views: readonly View[], { look }: Pick<Experiment, "look">): View =>
  views.find((view) => view.id === look.tab) ?? views[0];

/** The view on the screen. */
export function useView(): View {
  const views = useViews();
  return useExperiment((e) => viewOf(views, e));
}

export const withView = (experiment: Experiment, views: readonly View[], view: View): Experiment =>
  withLook(experiment, { tab: view === views[0] ? null : view.id });

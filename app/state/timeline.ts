/** The experiment with its past and future. Undo walks experiments, never data. */
import { createStore, type StoreApi } from "zustand/vanilla";
import { type Experiment, same } from "./experiment.ts";

const LONGEST = 200;
/** Changes of one kind that follow each other within this time are one step of undo. */
const MERGE_MS = 1200;

export interface TimelineState {
  experiment: Experiment;
  past: Experiment[];
  future: Experiment[];
  /** How the last change should appear in the browser's history: as a step of its own, as part of the last, or not at all. */
  how: "push" | "replace" | "none";
  /** The last experiment that came from outside: the one the page opened with, or that a link or the browser's history brought. */
  arrived: Experiment;
}

export interface ChangeOptions {
  /** Changes with equal tags in quick succession (typing, dragging) become one step. */
  merge?: string;
}

export interface Timeline extends StoreApi<TimelineState> {
  change(edit: (now: Experiment) => Experiment, options?: ChangeOptions): void;
  /** Corrects the experiment without a step: the tensor a source opened with, for example. */
  settle(edit: (now: Experiment) => Experiment): void;
  undo(): void;
  redo(): void;
  /** An experiment that the browser's history brought back: a step here, none there. */
  arrive(experiment: Experiment): void;
}

/** A timeline that starts at `experiment`. `now` gives milliseconds. */
export function createTimeline(experiment: Experiment, now: () => number = () => performance.now()): Timeline {
  const store = createStore<TimelineState>(() => ({
    experiment,
    past: [],
    future: [],
    how: "none",
    arrived: experiment,
  }));
  let last = { tag: "", time: Number.NEGATIVE_INFINITY };

  const step = (next: Experiment, how: TimelineState["how"], arrived = store.getState().arrived) => {
    const { experiment, past } = store.getState();
    store.setState({ experiment: next, past: [...past, experiment].slice(-LONGEST), future: [], how, arrived });
  };

  return Object.assign(store, {
    change(edit: (now: Experiment) => Experiment, options: ChangeOptions = {}) {
      const state = store.getState();
      const next = edit(state.experiment);
      if (same(next, state.experiment)) return;
      const tag = options.merge ?? "";
      const merged = tag !== "" && tag === last.tag && now() - last.time < MERGE_MS && state.past.length > 0;
      last = { tag, time: now() };
      if (merged) store.setState({ experiment: next, future: [], how: "replace" });
      else step(next, "push");
    },
    settle(edit: (now: Experiment) => Experiment) {
      const next = edit(store.getState().experiment);
      if (!same(next, store.getState().experiment)) store.setState({ experiment: next, how: "replace" });
    },
    undo() {
      const { experiment, past, future } = store.getState();
      const previous = past.at(-1);
      if (!previous) return;
      last = { tag: "", time: Number.NEGATIVE_INFINITY };
      store.setState({ experiment: previous, past: past.slice(0, -1), future: [experiment, ...future], how: "push" });
    },
    redo() {
      const { experiment, past, future } = store.getState();
      const next = future[0];
      if (!next) return;
      last = { tag: "", time: Number.NEGATIVE_INFINITY };
      store.setState({ experiment: next, past: [...past, experiment], future: future.slice(1), how: "push" });
    },
    arrive(experiment: Experiment) {
      last = { tag: "", time: Number.NEGATIVE_INFINITY };
      if (same(experiment, store.getState().experiment)) return;
      step(experiment, "none", experiment);
    },
  });
}

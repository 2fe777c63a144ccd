/** The Sweep: many recipes over one tensor or several. */
import type { Command, View } from "../../page/view.ts";
import { track } from "../../state/busy.ts";
import type { Experiment } from "../../state/experiment.ts";
import { lazyPart } from "../../widgets/lazyPart.ts";
import { SWEEP, sweepLink } from "./link.ts";
import { sweepOf, sweepPart } from "./state.ts";
import { sweepStoreOf } from "./store.ts";

const exports = () => track(import("./exports.ts"));

const has = (w: Parameters<typeof sweepStoreOf>[0]): boolean =>
  (sweepStoreOf(w).getState().run?.points.length ?? 0) > 0;

/** The command sweeps a tensor at a time. */
export function sweepCommand(experiment: Experiment): Command {
  const { grid, tensors, phases, metric, against } = sweepOf(experiment);
  const { initial } = sweepPart;
  return {
    verb: "sweep",
    tensors,
    options: [
      ...["--grid", grid, ...(phases > 0 ? ["--phases", String(phases)] : [])],
      ...(metric === initial.metric ? [] : ["--metric", metric]),
      ...(against === initial.against ? [] : ["--against", against]),
    ],
    notes: /\bgiven\b/.test(grid) ? ["the command sweeps no results of other checkpoints"] : [],
  };
}

export const sweep: View = {
  id: SWEEP,
  label: "Sweep",
  View: lazyPart(async () => (await import("./SweepView.tsx")).SweepView),
  links: [sweepLink],
  // It goes over the same tensors again and again.
  keeps: "tensors",
  field: "#sweep-grid",
  cancel: (w) => {
    const { job } = sweepStoreOf(w).getState();
    job?.abort();
    return job !== null;
  },
  files: {
    hasFigures: has,
    saveFigures: async (w, kind) => (await exports()).exportPoints(w, kind),
    hasCharts: has,
    saveCharts: async (w, kind) => (await exports()).exportFrontier(w, kind),
    command: sweepCommand,
  },
};

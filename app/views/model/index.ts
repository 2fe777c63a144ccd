/** The Model view: a language model under recipes, and what they do to what it says. */
import { fileName } from "../../export/fileName.ts";
import type { Command, View, ViewCaption } from "../../page/view.ts";
import { track } from "../../state/busy.ts";
import type { Experiment } from "../../state/experiment.ts";
import type { Workbench } from "../../state/workbench.ts";
import { lazyPart } from "../../widgets/lazyPart.ts";
import { cancelPanels } from "./mix/panelJobs.ts";
import { mixLink, mixOf } from "./mix/state.ts";
import { mixStoreOf } from "./mix/store.ts";
import { MODEL, modelLink, modelOf } from "./state.ts";
import { lmStoreOf } from "./store.ts";
import { twinAction } from "./twin.ts";

const exports = () => track(import("./exports.ts"));

const mixed = (experiment: Experiment): boolean => mixOf(experiment).side === "mix";

const has = (w: Workbench): boolean =>
  !mixed(w.timeline.getState().experiment) && (lmStoreOf(w).getState().run?.windows.length ?? 0) > 0;

const hasCharts = (w: Workbench): boolean =>
  mixed(w.timeline.getState().experiment) ? mixStoreOf(w).getState().scores !== null : has(w);

function caption({ timeline }: Workbench): ViewCaption {
  const { experiment } = timeline.getState();
  const { a, b } = modelOf(experiment);
  if (mixed(experiment)) {
    const { signal, grid } = mixOf(experiment);
    return { lines: [`mix of ${grid}`, `by ${signal}`], experiment, stem: fileName("mix") };
  }
  return { lines: [`A  ${a || "as it is"}`, `B  ${b || "as it is"}`], experiment, stem: fileName("model") };
}

/** Scores and the mix for a budget. What a person pinned and bounded is the page's alone. */
function mixCommand(experiment: Experiment): Command {
  const { grid, signal, share, seed, kinds, budget, unit, context, cache, pins, first, last, least, runtime } =
    mixOf(experiment);
  const limited = pins !== "" || first + last > 0 || least !== "";
  return {
    verb: "model",
    tensors: null,
    options: [
      ...["--recipes", grid],
      ...(signal === "nmse" ? [] : ["--signal", signal]),
      ...(share === 0 ? [] : ["--share", String(share / 1000)]),
      ...(seed === 0 ? [] : ["--seed", String(seed)]),
      ...kinds.flatMap((kind) => (kind === "experts" ? ["--experts", "each"] : [`--with-${kind}`])),
      ...(budget === null ? [] : ["--budget", `${budget}${unit === "gb" ? "GB" : ""}`, "--assign", "rules.txt"]),
      ...(runtime === "" || budget === null ? [] : ["--runtime", runtime]),
      ...(context === 0 || budget === null ? [] : ["--context", String(context)]),
      ...(cache === "" || context === 0 || budget === null ? [] : ["--kv-recipe", cache]),
      ...["--out", "scores.json"],
    ],
    notes: limited ? ["the command knows no pins and bounds"] : [],
  };
}

/** The whole of it in one command; a text of the reader's own has to be named there. */
export function lmCommand(experiment: Experiment): Command {
  if (mixed(experiment)) return mixCommand(experiment);
  const { a, b, actA, actB, kvA, kvB, text, length, stride, windows, seed, device, memory } = modelOf(experiment);
  const side = (end: string, weights: string, activations: string, cache: string) => [
    ...(weights ? [`--recipe${end}`, weights] : []),
    ...(activations ? [`--activations-recipe${end}`, activations] : []),
    ...(cache ? [`--kv-recipe${end}`, cache] : []),
  ];
  const [, part] = /^own:(\w+)$/.exec(text ?? "") ?? [];
  return {
    verb: "lm",
    tensors: null,
    options: [
      ...["--tokens", String(length), "--windows", String(windows)],
      ...(stride > 0 ? ["--stride", String(stride)] : []),
      ...(seed > 0 ? ["--seed", String(seed)] : []),
      ...(device === "auto" ? [] : ["--device", device]),
      ...(memory === 0 ? [] : ["--budget", `${memory}MB`]),
      ...(part ? ["--part", part] : text === null ? [] : ["--text", "text.txt"]),
      ...side("", a, actA, kvA),
      ...side("-b", b, actB, kvB),
    ],
    notes: text === null || part ? [] : ["save the text as text.txt first"],
  };
}

export const model: View = {
  id: MODEL,
  label: "Model",
  View: lazyPart(async () => (await import("./ModelView.tsx")).ModelView),
  links: [modelLink, mixLink],
  actions: (w) => [twinAction(w)],
  field: "#rules-a, #mix-signal",
  cancel: (w) => {
    if (mixed(w.timeline.getState().experiment)) {
      const { job, comparing, refreshing } = mixStoreOf(w).getState();
      const ended = job ?? refreshing ?? comparing;
      ended?.abort();
      return cancelPanels(w) || ended !== null;
    }
    const { job, writing, capturing } = lmStoreOf(w).getState();
    job?.abort();
    writing?.abort();
    capturing?.();
    return job !== null || writing !== null || capturing !== null;
  },
  files: {
    hasFigures: has,
    saveFigures: async (w, kind) => (await exports()).exportFigures(w, kind),
    hasCharts,
    caption,
    command: lmCommand,
  },
};

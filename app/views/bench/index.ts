/** The Bench: a tensor under two recipes, through the panels of the list. */
import type { View } from "../../page/view.ts";
import { panels } from "../../panels/index.ts";
import { track } from "../../state/busy.ts";
import { lazyPart } from "../../widgets/lazyPart.ts";
import { benchActions } from "./actions.ts";
import { seedsOf } from "./seeds.ts";

export const bench: View = {
  id: "bench",
  label: "Bench",
  View: lazyPart(async () => (await import("./Bench.tsx")).Bench),
  links: panels.flatMap((panel) => panel.link ?? []),
  keeps: "results",
  field: "#recipe-a",
  actions: benchActions,
  cancel: (w) => seedsOf(w).cancel(),
  files: {
    saveCharts: async (w, kind) => (await track(import("./exports.ts"))).exportBench(w, kind),
  },
};

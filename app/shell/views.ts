/** The views in the order of their tabs. A new view is one entry here and its name in `state/experiment.ts`. */
import type { ComponentType } from "react";
import type { Tab } from "../state/experiment.ts";
import { lazyPart } from "../widgets/lazyPart.ts";
import { tabLabels } from "./actions.ts";

const load: Record<Tab, ComponentType> = {
  bench: lazyPart(async () => (await import("../views/bench/Bench.tsx")).Bench),
  sweep: lazyPart(async () => (await import("../views/sweep/SweepView.tsx")).SweepView),
  formats: lazyPart(async () => (await import("../views/formats/FormatsTab.tsx")).FormatsTab),
};

export const views = (Object.keys(load) as Tab[]).map((tab) => ({ tab, label: tabLabels[tab], View: load[tab] }));

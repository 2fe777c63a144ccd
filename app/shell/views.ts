/** The views in the order of their tabs. A new view is one entry here and its name in `state/experiment.ts`. */
import { type ComponentType, type LazyExoticComponent, lazy } from "react";
import type { Tab } from "../state/experiment.ts";
import { tabLabels } from "./actions.ts";

const load: Record<Tab, LazyExoticComponent<ComponentType>> = {
  bench: lazy(() => import("../bench/Bench.tsx")),
  formats: lazy(() => import("../bench/FormatsTab.tsx")),
};

export const views = (Object.keys(load) as Tab[]).map((tab) => ({ tab, label: tabLabels[tab], View: load[tab] }));

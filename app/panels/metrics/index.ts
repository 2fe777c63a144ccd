import type { Panel } from "../../page/panel.ts";
import { lazyPart } from "../../widgets/lazyPart.ts";

export const metrics: Panel = {
  id: "metrics",
  title: "Metrics",
  place: "side top",
  bare: true,
  View: lazyPart(async () => (await import("./MetricsTable.tsx")).MetricsTable),
};

import type { Panel } from "../../page/panel.ts";
import { lazyPart } from "../../widgets/lazyPart.ts";

export const inspector: Panel = {
  id: "inspector",
  title: "Inspector",
  place: "side bottom",
  ofMark: true,
  View: lazyPart(async () => (await import("./InspectorPanel.tsx")).InspectorPanel),
};

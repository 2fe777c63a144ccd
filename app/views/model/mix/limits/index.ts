import { lazyPart } from "../../../../widgets/lazyPart.ts";
import type { MixPanel } from "../panel.ts";

export const limits: MixPanel = {
  id: "limits",
  title: "limits",
  View: lazyPart(async () => (await import("./LimitsPanel.tsx")).LimitsPanel),
};

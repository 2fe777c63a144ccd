/** How long products take on the reader's own device, and mixes by loss and time at once. */
import { lazyPart } from "../../../../widgets/lazyPart.ts";
import type { MixPanel } from "../panel.ts";

export const latency: MixPanel = {
  id: "time",
  title: "time here",
  View: lazyPart(async () => (await import("./LatencyPanel.tsx")).LatencyPanel),
};

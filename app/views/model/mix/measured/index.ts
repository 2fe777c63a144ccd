/** Predicted against measured. */
import { lazyPart } from "../../../../widgets/lazyPart.ts";
import type { MixPanel } from "../panel.ts";

export const measured: MixPanel = {
  id: "measured",
  title: "measured",
  View: lazyPart(async () => (await import("./MeasuredPanel.tsx")).MeasuredPanel),
};

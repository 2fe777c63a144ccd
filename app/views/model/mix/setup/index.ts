import { lazyPart } from "../../../../widgets/lazyPart.ts";
import type { MixPanel } from "../panel.ts";

export const setup: MixPanel = {
  id: "setup",
  title: "scoring",
  View: lazyPart(async () => (await import("./SetupPanel.tsx")).SetupPanel),
};

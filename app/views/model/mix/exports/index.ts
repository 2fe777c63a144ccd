/** The mix in other words. */
import { lazyPart } from "../../../../widgets/lazyPart.ts";
import type { MixPanel } from "../panel.ts";

export const exports: MixPanel = {
  id: "exports",
  title: "exports",
  View: lazyPart(async () => (await import("./ExportsPanel.tsx")).ExportsPanel),
};

/** What other programs made of the model. */
import { lazyPart } from "../../../../widgets/lazyPart.ts";
import type { MixPanel } from "../panel.ts";

export const imports: MixPanel = {
  id: "imports",
  title: "imports",
  View: lazyPart(async () => (await import("./ImportsPanel.tsx")).ImportsPanel),
};

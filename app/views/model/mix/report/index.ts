/** The assignment as one page. */
import { lazyPart } from "../../../../widgets/lazyPart.ts";
import type { MixPanel } from "../panel.ts";

export const report: MixPanel = {
  id: "report",
  title: "report",
  View: lazyPart(async () => (await import("./ReportPanel.tsx")).ReportPanel),
};

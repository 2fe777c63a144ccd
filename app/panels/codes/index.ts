import type { Panel } from "../../page/panel.ts";
import { lazyPart } from "../../widgets/lazyPart.ts";

export const codes: Panel = {
  id: "codes",
  title: "Scales and codes",
  place: "bottom right",
  phone: 1020,
  // A low pane shows two of them at a time.
  figures: ["scales", "codes", "errors", "concentration"],
  View: lazyPart(async () => (await import("./CodesPanel.tsx")).CodesPanel),
};

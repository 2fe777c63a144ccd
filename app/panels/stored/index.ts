import type { Panel } from "../../page/panel.ts";
import { lazyPart } from "../../widgets/lazyPart.ts";

export const stored: Panel = {
  id: "stored",
  title: "Stored as",
  place: "side bottom",
  shows: ({ tensor }) => tensor?.stored !== undefined,
  View: lazyPart(async () => (await import("./StoredPanel.tsx")).StoredPanel),
};

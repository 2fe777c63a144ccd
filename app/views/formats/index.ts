/** The Formats view: any format on a number line, bit by bit, beside another. */
import type { View } from "../../page/view.ts";
import { lazyPart } from "../../widgets/lazyPart.ts";
import { formatsCaption } from "./caption.ts";
import { formatsLink } from "./state.ts";

export const formats: View = {
  id: "formats",
  label: "Formats",
  View: lazyPart(async () => (await import("./FormatsTab.tsx")).FormatsTab),
  links: [formatsLink],
  field: "#format-a",
  // It has charts whatever the results of A and B are.
  files: { hasCharts: () => true, caption: formatsCaption },
};

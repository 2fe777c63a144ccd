import type { Panel } from "../../page/panel.ts";
import { lazyPart } from "../../widgets/lazyPart.ts";
import { valuesLink } from "./options.ts";

export const values: Panel = {
  id: "values",
  title: "Values",
  place: "top left",
  phone: 340,
  link: valuesLink,
  View: lazyPart(async () => (await import("./ValuesPanel.tsx")).ValuesPanel),
};

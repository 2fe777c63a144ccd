import type { Panel } from "../../page/panel.ts";
import { lazyPart } from "../../widgets/lazyPart.ts";
import { mapLink } from "./options.ts";

export const map: Panel = {
  id: "map",
  title: "Error map",
  place: "top right",
  phone: 420,
  link: mapLink,
  View: lazyPart(async () => (await import("./MapPanel.tsx")).MapPanel),
};

import type { Panel } from "../../page/panel.ts";
import { lazyPart } from "../../widgets/lazyPart.ts";
import { neighboursLink } from "./options.ts";

export const neighbours: Panel = {
  id: "neighbours",
  title: "Neighbours",
  place: "bottom left",
  phone: 440,
  link: neighboursLink,
  View: lazyPart(async () => (await import("./NeighboursPanel.tsx")).NeighboursPanel),
};

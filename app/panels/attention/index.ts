import type { Panel } from "../../page/panel.ts";
import { lazyPart } from "../../widgets/lazyPart.ts";
import { attentionLink } from "./options.ts";

export const attention: Panel = {
  id: "attention",
  title: "Attention",
  place: "bottom right",
  phone: 640,
  link: attentionLink,
  shows: ({ tensor }) => tensor !== null && /(^|\.)(queries|keys|values)$/.test(tensor.name),
  View: lazyPart(async () => (await import("./AttentionPanel.tsx")).AttentionPanel),
};

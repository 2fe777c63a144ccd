/** A formula that foretells which mix is better, evolved on what was measured. */
import { lazyPart } from "../../../../widgets/lazyPart.ts";
import type { MixPanel } from "../panel.ts";

export const proxies: MixPanel = {
  id: "proxies",
  title: "proxies",
  View: lazyPart(async () => (await import("./ProxiesPanel.tsx")).ProxiesPanel),
};

/** What opened scores say of the keys and values of each layer. */
import { lazyPart } from "../../../../widgets/lazyPart.ts";
import type { MixPanel } from "../panel.ts";

export const cache: MixPanel = {
  id: "cache",
  title: "keys and values",
  View: lazyPart(async () => (await import("./CachePanel.tsx")).CachePanel),
  shows: ({ scores }) => scores?.cache !== undefined,
};

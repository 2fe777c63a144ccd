import { lazyPart } from "../../../../widgets/lazyPart.ts";
import type { MixPanel } from "../panel.ts";

export const tensor: MixPanel = {
  id: "tensor",
  title: "tensor",
  View: lazyPart(async () => (await import("./TensorPanel.tsx")).TensorPanel),
};

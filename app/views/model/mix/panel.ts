/** What a panel of the mix is: what stands beside the frontier, one at a time. */
import type { ComponentType } from "react";
import type { ModelInfo } from "../binding.ts";
import type { MixState } from "./state.ts";

/** What is on the screen, worked out once for all panels. */
export interface MixInView {
  /** The open source. */
  source: string;
  state: MixState;
  /** The network that its tensors are bound to; null where it is none that is known. */
  network: ModelInfo | null;
  /** The assignment at the budget as a model recipe; null before there is one. */
  rules: string | null;
}

export interface MixPanel {
  /** As the link names it. */
  id: string;
  title: string;
  /** Loaded when it is first drawn. */
  View: ComponentType<{ mix: MixInView }>;
  /** Whether it has something to show; a panel without this always has. */
  shows?(mix: MixInView): boolean;
}

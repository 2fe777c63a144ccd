/** What a panel of the mix is: what stands beside the frontier, one at a time. */
import type { ComponentType } from "react";
import type { AllocationTable, Frontier } from "../../../../kernels/allocation/types.ts";
import type { ScoreFile } from "../../../../workers/scores/types.ts";
import type { ModelInfo } from "../binding.ts";
import type { WholeSize } from "./budget.ts";
import type { MixState } from "./state.ts";
import type { Assigned, MixTensors } from "./tensors.ts";

/** What is on the screen, worked out once for all panels. */
export interface MixInView {
  /** The open source. */
  source: string;
  state: MixState;
  /** The network that its tensors are bound to; null where it is none that is known. */
  network: ModelInfo | null;
  /** As far as they came; null before there are any. */
  scores: ScoreFile | null;
  /** The same in arrays. */
  tensors: MixTensors | null;
  /** Of the signal that is added up; null where the scores have no such. */
  table: AllocationTable | null;
  /** Null before the file's size is known. */
  size: WholeSize | null;
  /** Null while it is being computed for what is asked. */
  frontier: Frontier | null;
  /** The point of the frontier that the budget allows; -1 where there is none. */
  point: number;
  /** What each tensor gets there. */
  assigned: Assigned | null;
  /** The same as a model recipe; null before there is one. */
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

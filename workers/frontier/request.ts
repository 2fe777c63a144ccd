/** What is asked of the frontier of a whole model, and what comes back: numbers alone, in arrays that go over without a copy. */
import type { AllocationItem } from "../../kernels/allocation/types.ts";
import type { PackedChoices } from "./pack.ts";

export interface FrontierRequest {
  items: AllocationItem[];
  /** Canonical recipes, `keep` among them. */
  choices: string[];
  /** items x choices: not finite where a choice cannot be had. */
  loss: Float64Array;
  deviation: Float64Array | null;
  /** items x choices. */
  bits: Float64Array;
  /** Item and choice in turn. */
  pinned: Int32Array;
  /** items x choices: 1 where a choice must not be taken. */
  forbidden: Uint8Array;
  fixedBits: number;
}

export interface FrontierAnswer {
  /** Of the points that are kept, rising. */
  bits: Float64Array;
  loss: Float64Array;
  /** What each point's loss is above the least that its budgets allow, at most. */
  gaps: Float64Array;
  /** The largest of them. */
  gap: number;
  /** Bits of a step of the search; 1 where all sums are told apart; Infinity where only the convex hull was found. */
  resolution: number;
  method: "sums" | "grid" | "hull";
  /** Points that there were before some were left out. */
  found: number;
  /** Items that no choice can be made for: they stay as they are. */
  left: { items: readonly number[]; why: string }[];
  /** What each item gets at each point. */
  packed: PackedChoices;
  seconds: number;
}

/**
 * The contract of an allocation: which of several choices each tensor of a model gets, so that the losses add up to the least within
 * a budget of bits. Nothing here knows what a recipe is: choices are texts, bits and losses are numbers that somebody counted.
 */

/** Weights are the usual items; what a layer's inputs or its keys and values are stored in can be chosen beside them, at bits that somebody states. */
export type ItemKind = "weight" | "activation" | "cache";

/** One thing that gets one choice. */
export interface AllocationItem {
  /** As its source names it. */
  name: string;
  kind: ItemKind;
  /** Values in it. */
  elements: number;
  /** Counted from 0; null outside the layers. */
  layer: number | null;
  /** What it does, alike in all layers, as the network's parts name it: "q_proj", "down_proj", "embedding", "head", "norm" ... */
  role: string;
  /** Items with the same text get the same choice (an engine fuses them, or they are one array); null: alone. */
  tie: string | null;
  /** Bits that it takes where it is left as it is. */
  storedBits: number;
}

/** What each choice costs and loses. */
export interface AllocationTable {
  readonly items: readonly AllocationItem[];
  /** Canonical recipes; "keep" is one of them where leaving a tensor as it is may be chosen. */
  readonly choices: readonly string[];
  /** items x choices, row-major: what is added up. Negative ones are as good as others (measured differences can be). Not finite: the choice cannot be had. */
  readonly loss: Float64Array;
  /** items x choices: standard error of each loss; null where they are exact or none is known. */
  readonly deviation: Float64Array | null;
  /** items x choices: bits as stored, whole numbers, with scales, zero points and side tensors; or bytes on disk times 8. */
  readonly bits: Float64Array;
  /** Why an item cannot have a choice, in words (a clause); null where it can. */
  refused(item: number, choice: number): string | null;
}

/** In the place of a choice: nothing could be chosen, the item stays as it is, at its stored bits and without a loss. */
export const STORED = -1;

/** What an allocation must keep to. */
export interface Constraints {
  /** Item to choice (or STORED). A pin holds for all items of its tie, and goes before what is forbidden. */
  readonly pinned: ReadonlyMap<number, number>;
  /** Why an item must not have a choice, in words (a clause); null where it may. */
  forbids(item: number, choice: number): string | null;
  /** Bits that are spent whatever is chosen: norms, tensors kept, the KV cache at a stated context. */
  readonly fixedBits: number;
}

/** What each item gets. */
export interface Assignment {
  /** By item: a choice, or STORED. */
  choice: Int32Array;
  /** Sum of losses, in the order of items. */
  loss: number;
  /** Sum of bits, fixed ones included. */
  bits: number;
}

/** Items that no choice could be made for, and that stay as they are. */
export interface Left {
  items: readonly number[];
  /** A clause: "no recipe of the grid takes it". */
  why: string;
}

/** Every allocation that nothing beats, cheapest first: bits rise strictly, losses fall strictly. */
export interface Frontier {
  readonly bits: Float64Array;
  readonly loss: Float64Array;
  /** The allocation at a point. */
  at(point: number): Assignment;
  /** At each point a proven bound on what its loss is above the least that its budgets allow, up to the next point; all 0 where it is exact. */
  readonly gaps: Float64Array;
  /** The largest of the gaps. */
  readonly gap: number;
  /** A proven lower bound on the loss of every allocation within so many bits; Infinity below the least. */
  bound(budgetBits: number): number;
  /** Bits of a step of the dynamic programming; 1 where all sums are listed; Infinity where there are only the hull and what lies between its corners. */
  readonly resolution: number;
  /** How it was found: on a grid of bits, as a list of all sums, or by the convex hull. */
  readonly method: "sums" | "grid" | "hull";
  readonly left: readonly Left[];
}

/** What a long computation reports to, between pieces of a few hundredths of a second. It may throw to cancel. */
export interface AllocationControl {
  checkpoint(done: number, total: number, phase: string): Promise<void>;
}

/** An allocation that cannot be made as asked, in one sentence that a person can act on. */
export class AllocationError extends Error {
  override name = "AllocationError";
}

/** The point of a frontier that a budget allows: the last one within so many bits; -1 below the least. */
export function within(frontier: Pick<Frontier, "bits">, budgetBits: number): number {
  const { bits } = frontier;
  let [low, high] = [0, bits.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (bits[middle] <= budgetBits) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

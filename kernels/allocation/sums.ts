/**
 * All allocations that nothing beats, as a list that one group after the other is merged into: exact whatever the bits are, for as long as
 * the lists stay short (Nemhauser and Ullmann, "Discrete dynamic programming and capital allocation", 1969).
 */
import type { Groups } from "./groups.ts";
import { leastBits } from "./groups.ts";
import type { AllocationControl } from "./types.ts";

export interface Sums {
  /** Groups with something to choose: one is merged a stage. */
  order: Uint32Array;
  /** Where the states of each stage begin; stages + 1. */
  offsets: Uint32Array;
  /** By state: the choice that led there, counted within its group, and the state of the stage before, counted within that stage. */
  picks: Uint16Array;
  before: Uint32Array;
  /** Of the last stage. */
  bits: Float64Array;
  loss: Float64Array;
}

/** Comparisons between two looks at the control. */
const PIECE = 2 ** 21;
/** A stage is one piece: one that takes longer than some hundredths of a second ends the attempt. */
const MAX_PIECE = 2 ** 23;

/** Null where more groups, states or comparisons than the limits are needed. Throws as the control does. */
export async function sumsOf(
  groups: Groups,
  limits: { groups: number; states: number; operations: number },
  control: AllocationControl,
): Promise<Sums | null> {
  const { count, starts } = groups;
  const order: number[] = [];
  for (let g = 0; g < count; g++) if (starts[g + 1] - starts[g] > 1) order.push(g);
  if (order.length > limits.groups) return null;
  let list: List = { bits: [leastOthers(groups, order)], loss: [0] };
  for (let g = 0; g < count; g++) if (starts[g + 1] - starts[g] === 1) list.loss[0] += groups.loss[starts[g]];
  const [picks, before, offsets] = [[] as number[], [] as number[], [0]];
  let [work, since] = [0, 0];
  for (const [stage, g] of order.entries()) {
    const choices = starts[g + 1] - starts[g];
    const candidates = list.bits.length * choices;
    work += candidates * choices;
    since += candidates * choices;
    if (work > limits.operations || picks.length + list.bits.length > limits.states) return null;
    if (candidates * choices > MAX_PIECE) return null;
    if (since >= PIECE) {
      await control.checkpoint(stage, order.length, "all sums");
      since = 0;
    }
    list = merge(groups, g, list, picks, before);
    offsets.push(picks.length);
  }
  return {
    order: Uint32Array.from(order),
    offsets: Uint32Array.from(offsets),
    picks: Uint16Array.from(picks),
    before: Uint32Array.from(before),
    bits: Float64Array.from(list.bits),
    loss: Float64Array.from(list.loss),
  };
}

interface List {
  bits: number[];
  loss: number[];
}

/** Bits of what is not chosen: fixed ones, and groups with one choice. */
function leastOthers(groups: Groups, chosen: readonly number[]): number {
  return chosen.reduce((sum, g) => sum - groups.bits[groups.starts[g]], leastBits(groups) + groups.fixedBits);
}

/** The list with each choice of a group added, by rising bits; what loses no less than a cheaper one is left out. */
function merge({ starts, bits, loss }: Groups, g: number, list: List, picks: number[], before: number[]): List {
  const [first, choices] = [starts[g], starts[g + 1] - starts[g]];
  const heads = new Uint32Array(choices);
  const merged: List = { bits: [], loss: [] };
  let least = Number.POSITIVE_INFINITY;
  for (;;) {
    let [best, bestBits, bestLoss] = [-1, Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
    for (let k = 0; k < choices; k++) {
      if (heads[k] === list.bits.length) continue;
      const sum = list.bits[heads[k]] + bits[first + k];
      if (sum > bestBits) continue;
      const lost = list.loss[heads[k]] + loss[first + k];
      if (sum < bestBits || lost < bestLoss) [best, bestBits, bestLoss] = [k, sum, lost];
    }
    if (best < 0) return merged;
    if (bestLoss < least) {
      least = bestLoss;
      merged.bits.push(bestBits);
      merged.loss.push(bestLoss);
      picks.push(best);
      before.push(heads[best]);
    }
    heads[best]++;
  }
}

/** The places of all groups in the allocation of a state of the last stage. */
export function placesOfSum(groups: Groups, sums: Sums, state: number): Uint32Array {
  const at = groups.starts.slice(0, groups.count);
  for (let stage = sums.order.length - 1; stage >= 0; stage--) {
    const g = sums.order[stage];
    const own = sums.offsets[stage] + state;
    at[g] = groups.starts[g] + sums.picks[own];
    state = sums.before[own];
  }
  return at;
}

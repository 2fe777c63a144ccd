import type { Groups } from "../groups.ts";
import type { Solver } from "./types.ts";

/**
 * A list of tensors, those that lose least a bit first, and the shortest part of it that has to go one level down: levels are tried from the
 * dearest on, each time for all.
 */
export const bisection: Solver = {
  name: "bisection",
  title: "bisection of a sorted list",
  says: "sorts tensors by what they lose a bit and halves the list until the shortest part is found that has to go down to the next width",
  paper: {
    title: "Augmenting Hessians with inter-layer dependencies for mixed-precision post-training quantization",
    where: "arXiv 2306.04879",
  },
  counts: "budgets looked at",
  drawn: false,
  upTo: Number.POSITIVE_INFINITY,
  async solve(groups, budgetBits, control) {
    await control.checkpoint(0, 1, "levels");
    const { count, starts } = groups;
    let levels = 1;
    for (let g = 0; g < count; g++) levels = Math.max(levels, starts[g + 1] - starts[g]);
    let work = 0;
    const fits = (bits: number) => {
      work++;
      return bits <= budgetBits;
    };
    // The first level at which all together fit: levels fall in bits.
    const level = firstWhere(levels, (k) => fits(spent(groups, levelOf(groups, k, levels))));
    if (level === levels) return null;
    await control.checkpoint(1, 2, "the list");
    if (level === 0) return { at: levelOf(groups, 0, levels), work, bound: null, trace: null };
    const [high, low] = [levelOf(groups, level - 1, levels), levelOf(groups, level, levels)];
    const order = sorted(groups, high, low);
    const at = new Uint32Array(groups.count);
    const prefix = (length: number) => {
      at.set(high);
      for (const g of order.subarray(0, length)) at[g] = low[g];
      return at;
    };
    const length = firstWhere(order.length, (n) => fits(spent(groups, prefix(n))));
    return { at: prefix(length).slice(), work, bound: null, trace: null };
  },
};

/** The least number below `count` for which `holds`, which stays true once it is; `count` where none does. */
export function firstWhere(count: number, holds: (n: number) => boolean): number {
  let [low, high] = [0, count];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (holds(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** The whole allocation of a level: every group has its dearest choice of at most so large a share of the way from its least to its most bits. */
function levelOf({ count, starts, bits }: Groups, level: number, levels: number): Uint32Array {
  const share = levels === 1 ? 1 : 1 - level / (levels - 1);
  const at = new Uint32Array(count);
  for (let g = 0; g < count; g++) {
    const [first, last] = [starts[g], starts[g + 1] - 1];
    const limit = bits[first] + share * (bits[last] - bits[first]);
    let place = last;
    while (place > first && bits[place] > limit) place--;
    at[g] = place;
  }
  return at;
}

function spent({ bits, fixedBits }: Groups, at: Uint32Array): number {
  let sum = fixedBits;
  for (const place of at) sum += bits[place];
  return sum;
}

/** Groups that differ, those that lose least for each bit saved first. */
function sorted({ bits, loss }: Groups, high: Uint32Array, low: Uint32Array): Uint32Array {
  const cost = Float64Array.from(high, (place, g) => (loss[low[g]] - loss[place]) / (bits[place] - bits[low[g]]));
  const order = [...high.keys()].filter((g) => high[g] !== low[g]);
  return Uint32Array.from(order.sort((a, b) => cost[a] - cost[b] || a - b));
}

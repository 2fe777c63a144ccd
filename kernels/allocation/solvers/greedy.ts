import { type Groups, leastBits } from "../groups.ts";
import type { AllocationControl } from "../types.ts";
import type { Solver } from "./types.ts";

/** Changes between two looks at the control. */
const PIECE = 8192;

/** Goes from what is cheapest to what gains most a bit, for as long as something fits. */
export const greedy: Solver = {
  name: "greedy",
  title: "greedy",
  says: "begins with the cheapest of all and takes, again and again, the change that gains most a bit, until none fits",
  paper: null,
  counts: "changes",
  drawn: false,
  upTo: 2 ** 17,
  async solve(groups, budgetBits, control) {
    const left = budgetBits - leastBits(groups) - groups.fixedBits;
    if (left < 0) return null;
    await control.checkpoint(0, groups.bits.length, "greedy");
    const at = groups.starts.slice(0, groups.count);
    const work = await fill(groups, at, left, control);
    return { at, work, bound: null, trace: null };
  },
};

/** Spends bits that are left on what gains most a bit, in place; of equal gains the first group's. How many changes it looked at. */
export async function fill(groups: Groups, at: Uint32Array, left: number, control: AllocationControl): Promise<number> {
  const { starts, bits, loss } = groups;
  const heap = new Heap();
  /** The change of a group that gains most a bit among those that fit. */
  const offer = (g: number) => {
    let [best, gain] = [-1, 0];
    for (let k = at[g] + 1; k < starts[g + 1] && bits[k] - bits[at[g]] <= left; k++) {
      const own = (loss[at[g]] - loss[k]) / (bits[k] - bits[at[g]]);
      if (own > gain) [best, gain] = [k, own];
    }
    if (best >= 0) heap.push({ g, place: best, gain });
  };
  const pace = async (done: number) => control.checkpoint(done, groups.bits.length, "what gains most a bit");
  for (let g = 0; g < groups.count; g++) {
    if (g % PIECE === 0) await pace(0);
    offer(g);
  }
  let work = 0;
  for (let top = heap.pop(); top; top = heap.pop()) {
    if (++work % PIECE === 0) await pace(work);
    const { g, place } = top;
    const more = bits[place] - bits[at[g]];
    if (more <= left) {
      at[g] = place;
      left -= more;
    }
    offer(g);
  }
  return work;
}

/** Gives up what loses least a bit, one choice down at a time, until no more than the budget is spent; false where the least is too much. */
export function shrink(groups: Groups, at: Uint32Array, budgetBits: number): boolean {
  const { starts, bits, loss } = groups;
  const heap = new Heap();
  const offer = (g: number) => {
    const [place, from] = [at[g] - 1, at[g]];
    if (place >= starts[g]) heap.push({ g, place, gain: (loss[from] - loss[place]) / (bits[from] - bits[place]) });
  };
  let spent = groups.fixedBits;
  for (let g = 0; g < groups.count; g++) {
    spent += bits[at[g]];
    offer(g);
  }
  while (spent > budgetBits) {
    const change = heap.pop();
    if (!change) return false;
    const { g, place } = change;
    spent -= bits[at[g]] - bits[place];
    at[g] = place;
    offer(g);
  }
  return true;
}

interface Change {
  g: number;
  place: number;
  gain: number;
}

/** The largest gain first, of equal ones the first group. */
class Heap {
  readonly #items: Change[] = [];

  push(change: Change): void {
    const items = this.#items;
    let i = items.push(change) - 1;
    while (i > 0) {
      const parent = (i - 1) >> 1;
      if (!before(items[i], items[parent])) break;
      [items[i], items[parent]] = [items[parent], items[i]];
      i = parent;
    }
  }

  pop(): Change | undefined {
    const items = this.#items;
    const top = items[0];
    const last = items.pop();
    if (items.length === 0 || !last) return top;
    items[0] = last;
    for (let i = 0; ; ) {
      let first = i;
      for (const child of [2 * i + 1, 2 * i + 2]) {
        if (child < items.length && before(items[child], items[first])) first = child;
      }
      if (first === i) return top;
      [items[i], items[first]] = [items[first], items[i]];
      i = first;
    }
  }
}

const before = (a: Change, b: Change): boolean => a.gain > b.gain || (a.gain === b.gain && a.g < b.g);

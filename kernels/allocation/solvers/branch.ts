import type { Groups } from "../groups.ts";
import { type Hull, hullOf, placesAfter, relaxedLoss, stepsWithin } from "../hull.ts";
import { fill } from "./greedy.ts";
import type { Solver } from "./types.ts";

/** Allocations in part that are looked at before the best one so far is given as it is. */
const MAX_NODES = 2e5;
const PIECE = 2048;

/**
 * The integer program itself, by branch and bound (Dyer, Kayal and Walker, "A branch and bound algorithm for solving the multiple-choice
 * knapsack problem", 1984): groups one after the other, each choice bounded by the price that the linear relaxation found. Exact where it
 * comes to an end; else `bound` says how far it is.
 */
export const branch: Solver = {
  name: "ilp",
  title: "integer program",
  says: "branches over choices and leaves out what the price of a bit proves to be no better; exact where it ends within 200,000 branches",
  paper: { title: "OHQ: on-chip hardware-aware quantization", where: "arXiv 2309.01945" },
  counts: "branches",
  drawn: false,
  upTo: 2 ** 15,
  async solve(groups, budgetBits, control) {
    const hull = await hullOf(groups, control);
    const steps = stepsWithin(hull, budgetBits);
    if (steps < 0) return null;
    const incumbent = placesAfter(groups, hull, steps);
    await fill(groups, incumbent, budgetBits - hull.bits[steps], control);
    const relaxed = relaxedLoss(hull, budgetBits);
    const search = new Search(groups, hull, steps, budgetBits, incumbent);
    const ended = await search.run(async (nodes) => control.checkpoint(nodes, MAX_NODES, "branches"));
    const bound = ended ? search.best : Math.min(search.best, relaxed);
    return { at: search.at, work: search.nodes, bound, trace: null };
  },
};

class Search {
  nodes = 0;
  best: number;
  at: Uint32Array;
  readonly #groups: Groups;
  readonly #budget: number;
  /** Loss of a bit at the budget: what the relaxation pays for one more. */
  readonly #price: number;
  /** Groups, those first whose choices differ most in what they lose at the price. */
  readonly #order: number[];
  /** Choices of each group of the order by what they lose at the price, the least first. */
  readonly #choices: number[][];
  /** From each place of the order on: the least loss at the price, and the least bits. */
  readonly #restLoss: Float64Array;
  readonly #restBits: Float64Array;

  constructor(groups: Groups, hull: Hull, steps: number, budget: number, incumbent: Uint32Array) {
    const { starts, bits, loss, count } = groups;
    this.#groups = groups;
    this.#budget = budget;
    this.at = incumbent;
    this.best = incumbent.reduce((sum, place) => sum + loss[place], 0);
    const last = hull.bits.length - 1;
    this.#price =
      steps === last ? 0 : (hull.loss[steps] - hull.loss[steps + 1]) / (hull.bits[steps + 1] - hull.bits[steps]);
    const priced = (place: number) => loss[place] + this.#price * bits[place];
    const ordered = Array.from({ length: count }, (_, g) => {
      const choices = Array.from({ length: starts[g + 1] - starts[g] }, (_, k) => starts[g] + k);
      choices.sort((a, b) => priced(a) - priced(b) || a - b);
      const next = choices.length > 1 ? priced(choices[1]) - priced(choices[0]) : Number.POSITIVE_INFINITY;
      return { g, choices, next };
    }).sort((a, b) => b.next - a.next || a.g - b.g);
    this.#order = ordered.map(({ g }) => g);
    this.#choices = ordered.map(({ choices }) => choices);
    this.#restLoss = new Float64Array(count + 1);
    this.#restBits = new Float64Array(count + 1);
    for (let k = count - 1; k >= 0; k--) {
      this.#restLoss[k] = this.#restLoss[k + 1] + priced(this.#choices[k][0]);
      this.#restBits[k] = this.#restBits[k + 1] + bits[starts[this.#order[k]]];
    }
  }

  /** Whether all was looked at. */
  async run(pace: (nodes: number) => Promise<void>): Promise<boolean> {
    const { bits, loss, fixedBits, count } = this.#groups;
    // By depth: the choice tried there (an index into the group's own order), and sums before it.
    const tried = new Int32Array(count + 1).fill(-1);
    const spent = new Float64Array(count + 1);
    const lost = new Float64Array(count + 1);
    spent[0] = fixedBits;
    for (let depth = 0; depth >= 0; ) {
      if (++this.nodes > MAX_NODES) return false;
      if (this.nodes % PIECE === 0) await pace(this.nodes);
      if (depth === count) {
        if (lost[depth] < this.best) this.#keep(tried, lost[depth]);
        depth--;
        continue;
      }
      const choices = this.#choices[depth];
      const next = ++tried[depth];
      const place = choices[next];
      if (next === choices.length || this.#isBeaten(lost[depth], spent[depth], place, depth)) {
        // The others are dearer at the price.
        tried[depth--] = -1;
        continue;
      }
      const sum = spent[depth] + bits[place];
      if (sum + this.#restBits[depth + 1] > this.#budget) continue;
      spent[depth + 1] = sum;
      lost[depth + 1] = lost[depth] + loss[place];
      depth++;
    }
    return true;
  }

  /** Whether no allocation with this choice can be better: what it loses at the price, less the price of the whole budget, is a lower bound. */
  #isBeaten(lost: number, spent: number, place: number, depth: number): boolean {
    const { bits, loss } = this.#groups;
    const priced = lost + loss[place] + this.#price * (spent + bits[place]) + this.#restLoss[depth + 1];
    const bound = priced - this.#price * this.#budget;
    // Sums at the price are rounded otherwise than losses: what is better by less than that is not looked for.
    return bound >= this.best - Math.abs(priced) * 2 ** -45;
  }

  #keep(tried: Int32Array, lost: number): void {
    this.best = lost;
    const at = new Uint32Array(this.#order.length);
    for (const [depth, g] of this.#order.entries()) at[g] = this.#choices[depth][tried[depth]];
    this.at = at;
  }
}

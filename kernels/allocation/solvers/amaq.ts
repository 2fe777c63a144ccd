import { learnGates } from "../gates.ts";
import type { Groups } from "../groups.ts";
import { leastBits, mostBits } from "../groups.ts";
import { cornersOf } from "../hull.ts";
import { fill, shrink } from "./greedy.ts";
import { nearest } from "./round.ts";
import type { Solver } from "./types.ts";

const STEPS = 2000;
/** Gates moved in all: some seconds. */
const MOVES = 2e8;

/** Widths learned through gates, on the convex hull of each tensor's losses; then made whole, and held to the budget. */
export const amaq: Solver = {
  name: "amaq",
  title: "AMAQ's gates",
  says: "learns each width through a sigmoid by gradient, with a penalty a bit that is annealed until the target is reached, and rounds to choices",
  paper: {
    title: "AMAQ: adaptive mixed-bit activation quantization for collaborative parameter efficient fine-tuning",
    where: "arXiv 2510.05468",
  },
  counts: "steps",
  drawn: false,
  upTo: 2 ** 16,
  async solve(groups, budgetBits, control) {
    const { corners, place } = cornersOf(groups);
    const { starts, count, bits, fixedBits } = corners;
    const target = budgetBits - fixedBits;
    if (leastBits(groups) > target) return null;
    const first = (g: number) => bits[starts[g]];
    const last = (g: number) => bits[starts[g + 1] - 1];
    const steps = Math.max(50, Math.min(STEPS, Math.floor(MOVES / Math.max(1, count))));
    const { bits: wanted, trace } = await learnGates(
      {
        count,
        least: Float64Array.from({ length: count }, (_, g) => first(g)),
        most: Float64Array.from({ length: count }, (_, g) => last(g)),
        target: Math.min(target, mostBits(groups)),
        slopes: slopesOf(corners),
      },
      async (step) => control.checkpoint(step, steps, "gates"),
      { steps },
    );
    const at = nearest(corners, wanted).map((corner) => place[corner]);
    shrink(groups, at, budgetBits);
    const spent = at.reduce((sum, k) => sum + groups.bits[k], fixedBits);
    await fill(groups, at, budgetBits - spent, control);
    return { at, work: steps, bound: null, trace };
  },
};

/** The slope of each group's loss, a straight line between two choices. */
function slopesOf({ starts, count, bits, loss }: Groups) {
  // Gates move little a step: the line is looked for from the last one on.
  const line = Uint32Array.from({ length: count }, (_, g) => starts[g]);
  return (at: Float64Array, slope: Float64Array): void => {
    for (let g = 0; g < count; g++) {
      const last = starts[g + 1] - 2;
      if (last < starts[g]) continue;
      let k = line[g];
      while (k < last && bits[k + 1] <= at[g]) k++;
      while (k > starts[g] && bits[k] > at[g]) k--;
      line[g] = k;
      slope[g] = (loss[k + 1] - loss[k]) / (bits[k + 1] - bits[k]);
    }
  };
}

import { hullOf, placesAfter, relaxedLoss, stepsWithin } from "../hull.ts";
import { fill } from "./greedy.ts";
import type { Solver } from "./types.ts";

/** The linear relaxation of the integer program, rounded down, and what it leaves spent greedily. */
export const relaxation: Solver = {
  name: "relaxation",
  title: "linear relaxation, rounded",
  says: "solves the integer program with shares of choices allowed (one tensor has any), rounds that one down and spends the rest greedily",
  paper: null,
  counts: "steps",
  drawn: false,
  upTo: Number.POSITIVE_INFINITY,
  async solve(groups, budgetBits, control) {
    const hull = await hullOf(groups, control);
    const steps = stepsWithin(hull, budgetBits);
    if (steps < 0) return null;
    const at = placesAfter(groups, hull, steps);
    const work = steps + (await fill(groups, at, budgetBits - hull.bits[steps], control));
    return { at, work, bound: relaxedLoss(hull, budgetBits), trace: null };
  },
};

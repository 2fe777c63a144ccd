import { hullOf, placesAfter, stepsWithin } from "../hull.ts";
import type { Solver } from "./types.ts";

/** The best allocation that one price of a bit makes, within the budget: a corner of the convex hull. */
export const lagrangian: Solver = {
  name: "lagrangian",
  title: "Lagrangian",
  says: "lets every tensor take what is least in loss plus bits times one price, and lowers the price for as long as the budget holds",
  paper: {
    title: "Pushing the limits of large language model quantization via the linearity theorem (HIGGS)",
    where: "arXiv 2411.17525",
  },
  counts: "steps of the price",
  drawn: false,
  upTo: Number.POSITIVE_INFINITY,
  async solve(groups, budgetBits, control) {
    const hull = await hullOf(groups, control);
    const steps = stepsWithin(hull, budgetBits);
    return steps < 0 ? null : { at: placesAfter(groups, hull, steps), work: steps + 1, bound: null, trace: null };
  },
};

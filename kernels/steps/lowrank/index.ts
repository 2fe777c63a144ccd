import type { Recipe } from "../../grammar/ast.ts";
import { F16 } from "../side.ts";
import { fitted } from "../step.ts";
import { BY, FACTORS, RANK, readThin, thinOperations, type Weighing } from "../thin/parameters.ts";

export interface LowRankParams {
  /** As it was asked for, and as the matrix has it. */
  asked: number;
  rank: number;
  /** How the factors are stored. */
  factors: Recipe;
  by: Weighing;
  fade: number;
}

/** Low-rank correction of the weight error. Whoever runs the weight adds x right^T left^T: two thin products a token. */
export const lowrank = fitted({
  entry: {
    name: "lowrank",
    place: "correction",
    describe: "adds back the error's largest directions, as two thin factors",
    params: [
      RANK,
      FACTORS,
      BY,
      {
        key: "fade",
        kind: "number",
        min: 0,
        max: 1,
        default: 0,
        describe: "how far the second half of the directions has faded (QVGen)",
      },
    ],
    paper: { title: "LQER, ZeroQuant-V2: low rank error reconstruction", where: "arXiv 2402.02446, 2303.08302" },
  },
  plan(args, of) {
    const { asked, rank, by, needs } = readThin(args, of);
    const params: LowRankParams = {
      ...{ asked, rank, by, factors: args.recipe("factors") ?? F16 },
      fade: args.number("fade") ?? 0,
    };
    return { params, needs, operations: thinOperations(of, rank, by) };
  },
  work: async () => (await import("./work.ts")).work,
});

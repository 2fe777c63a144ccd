import type { Recipe } from "../../grammar/ast.ts";
import { F16 } from "../side.ts";
import { fitted } from "../step.ts";
import { FACTORS, RANK } from "../thin/parameters.ts";

export interface HutParams {
  asked: number;
  rank: number;
  sweeps: number;
  factors: Recipe;
}

/** Multiplies results element by element with one and a part of low rank: W' = Q * (1 + A B). */
export const hut = fitted({
  entry: {
    name: "hut",
    place: "correction",
    describe: "multiplies each result by one and a part of low rank, fitted to the weight",
    params: [
      RANK,
      FACTORS,
      {
        key: "sweeps",
        kind: "integer",
        min: 1,
        max: 200,
        default: 10,
        describe: "rounds of least squares, over rows and columns in turn",
      },
    ],
    paper: {
      title: "HUT: a more computation efficient fine-tuning method with Hadamard updated transformation",
      where: "arXiv 2409.13501",
    },
  },
  plan(args, { rows, cols }) {
    const asked = args.number("r") ?? 1;
    const rank = Math.min(asked, rows, cols);
    const sweeps = args.number("sweeps") ?? 10;
    const params: HutParams = { asked, rank, sweeps, factors: args.recipe("factors") ?? F16 };
    // Small systems in plain code: a tenth of the speed of products.
    return {
      params,
      needs: { reach: "matrix", calibration: "none" },
      operations: 10 * sweeps * 2 * rows * cols * rank ** 2,
    };
  },
  work: async () => (await import("./work.ts")).work,
});

import type { Recipe } from "../../grammar/ast.ts";
import { F16 } from "../side.ts";
import { fitted } from "../step.ts";

export interface LowRankParams {
  rank: number;
  /** How the factors are stored. */
  factors: Recipe;
}

/** Low-rank correction of the weight error. Whoever runs the weight adds x right^T left^T: two thin products a token. */
export const lowrank = fitted({
  entry: {
    name: "lowrank",
    place: "correction",
    describe: "adds back the error's largest directions, as two thin factors",
    params: [
      { key: "r", kind: "integer", min: 1, max: 4096, positional: true, describe: "rank" },
      { key: "factors", kind: "quantizer", optional: true, describe: "how the factors are stored: f16 if not said" },
    ],
    paper: { title: "LQER, ZeroQuant-V2: low rank error reconstruction", where: "arXiv 2402.02446, 2303.08302" },
  },
  plan(args, { rows, cols }) {
    const rank = Math.min(args.number("r") ?? 1, rows, cols);
    return {
      params: { rank, factors: args.recipe("factors") ?? F16 },
      needs: { reach: "matrix", calibration: "none" },
    };
  },
  work: async () => (await import("./work.ts")).work,
});

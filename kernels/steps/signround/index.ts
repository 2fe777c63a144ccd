import { BATCH, learningOperations, SEED } from "../learning/parameters.ts";
import { fitted } from "../step.ts";

export interface SignroundParams {
  steps: number;
  batch: number;
  seed: number;
  /** Whether the ranges of blocks are learned, too. */
  range: "fixed" | "tuned";
}

/**
 * Learned rounding by signs of gradients (SignRound, the rounding of AutoRound): what is added to a weight before it is rounded, half a
 * step at most either way, moves by the sign of its gradient, ever more slowly.
 */
export const signround = fitted({
  entry: {
    name: "signround",
    place: "solver",
    describe: "learns what to add to each weight before it is rounded, by signs of gradients of the outputs' error",
    params: [
      { key: "steps", kind: "integer", min: 1, max: 100_000, default: 200, positional: true, describe: "of descent" },
      BATCH,
      SEED,
      {
        key: "range",
        kind: "word",
        words: ["fixed", "tuned"],
        default: "fixed",
        describe: "scales as their rule finds them, or of ranges that shrink by signs of gradients, to a half at most",
      },
    ],
    paper: { title: "Optimize weight rounding via signed gradient descent (SignRound)", where: "arXiv 2309.05516" },
  },
  plan(args, { rows, cols }) {
    const of = (key: string, usual: number) => args.number(key) ?? usual;
    const params: SignroundParams = {
      steps: of("steps", 200),
      batch: of("batch", 128),
      seed: of("seed", 0),
      range: (args.word("range") ?? "fixed") as SignroundParams["range"],
    };
    return {
      params,
      needs: { reach: "matrix", calibration: "rows" },
      operations: learningOperations(rows, cols, params.steps, params.batch),
    };
  },
  work: async () => (await import("./work.ts")).work,
});

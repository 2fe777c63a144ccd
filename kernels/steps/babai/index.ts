import { DAMP, feedbackOperations } from "../solving/parameters.ts";
import { fitted } from "../step.ts";

export interface BabaiParams {
  damp: number;
  /** Whether values are kept in the range while the walk goes on. */
  clip: boolean;
}

/** The nearest plane of a lattice, column by column from the last. */
export const babai = fitted({
  entry: {
    name: "babai",
    place: "solver",
    describe:
      "Babai's nearest plane: from the last column to the first, each to the nearest plane of the lattice of codes",
    params: [
      DAMP,
      {
        key: "clip",
        kind: "word",
        words: ["yes", "no"],
        default: "yes",
        describe: "keep codes in the range; without, those beyond it are stored aside and counted",
      },
    ],
    paper: {
      title: "The geometry of LLM quantization: GPTQ as Babai's nearest plane algorithm",
      where: "arXiv 2507.18553",
    },
  },
  plan(args, { rows, cols }) {
    const clip = args.word("clip") !== "no";
    return {
      params: { damp: args.number("damp") ?? 0.01, clip },
      needs: { reach: "matrix", calibration: "gram" },
      operations: feedbackOperations(rows, cols),
      ...(!clip && { beside: "the codes beyond the range" }),
    };
  },
  work: async () => (await import("./work.ts")).work,
});

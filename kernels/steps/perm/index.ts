import { fitted } from "../step.ts";

/** A permutation of the columns by what they hold. It folds into the tensor that makes the input; its indices are counted. */
export const perm = fitted({
  entry: {
    name: "perm",
    place: "transform",
    describe: "permutes the columns so that those of like magnitude share blocks",
    params: [
      {
        key: "by",
        kind: "word",
        words: ["amax"],
        default: "amax",
        positional: true,
        describe: "what the columns are ordered by: the largest magnitude, largest first",
      },
    ],
    paper: { title: "RPTQ: reorder-based post-training quantization", where: "arXiv 2304.01089" },
  },
  plan: () => ({ params: null, needs: { reach: "matrix", calibration: "none" } }),
  work: async () => (await import("./work.ts")).work,
});

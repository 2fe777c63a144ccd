import { fitted } from "../step.ts";

export interface PermParams {
  by: "amax" | "variance" | "clusters" | "inputs";
  k: number;
}

/** A permutation of the columns by what they hold. It folds into the tensor that makes the input; its indices are counted. */
export const perm = fitted({
  entry: {
    name: "perm",
    place: "transform",
    describe: "permutes the columns so that those of like magnitude share blocks",
    folds: "into the rows of the layer that makes the input, shared by all weights that read it",
    params: [
      {
        key: "by",
        kind: "word",
        words: ["amax", "variance", "clusters", "inputs"],
        default: "amax",
        positional: true,
        describe:
          "what the columns are ordered by: their largest magnitude, variance, clusters of least and largest value, or the mean square of their inputs",
      },
      {
        key: "k",
        kind: "integer",
        min: 2,
        max: 256,
        default: 8,
        describe: "clusters, for by=clusters",
      },
    ],
    paper: { title: "RPTQ: reorder-based post-training quantization", where: "arXiv 2304.01089" },
  },
  plan(args) {
    const by = (args.word("by") ?? "amax") as PermParams["by"];
    return {
      params: { by, k: args.number("k") ?? 8 } satisfies PermParams,
      needs: { reach: "matrix", calibration: by === "inputs" ? "channels" : "none" },
    };
  },
  work: async () => (await import("./work.ts")).work,
});

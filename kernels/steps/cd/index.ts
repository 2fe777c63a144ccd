import { fitted } from "../step.ts";

export interface CdParams {
  passes: number;
  damp: number;
  start: "nearest" | "gptq";
}

/** Coordinate descent over codes. */
export const cd = fitted({
  entry: {
    name: "cd",
    place: "solver",
    describe:
      "coordinate descent: each code in turn becomes the best for the output, the others as they are; never worse than its start",
    params: [
      {
        key: "passes",
        kind: "integer",
        min: 1,
        max: 100,
        default: 4,
        positional: true,
        describe: "passes over all columns at most",
      },
      {
        key: "damp",
        kind: "number",
        min: 0,
        max: 100,
        default: 0,
        describe: "added to the Gram matrix's diagonal, as a share of its mean",
      },
      {
        key: "start",
        kind: "word",
        words: ["nearest", "gptq"],
        default: "nearest",
        describe: "the codes to begin with",
      },
    ],
    paper: { title: "QuantEase: optimization-based quantization for language models", where: "arXiv 2309.01885" },
  },
  plan(args, { rows, cols }) {
    const params: CdParams = {
      passes: args.number("passes") ?? 4,
      damp: args.number("damp") ?? 0,
      start: (args.word("start") ?? "nearest") as CdParams["start"],
    };
    return {
      params,
      needs: { reach: "matrix", calibration: "gram" },
      operations: 2 * (params.passes + 1) * rows * cols ** 2,
    };
  },
  work: async () => (await import("./work.ts")).work,
});

import { fitted } from "../step.ts";

export interface AlignParams {
  /** The factor; null where it is measured. */
  by: number | null;
  each: "tensor" | "row";
}

/**
 * Magnitude alignment: what rounding takes from the magnitudes on average is given back by a factor, so that <x, x^> = <x, x>. Quartet takes
 * 1.009276 for MXFP4 under scales over 3/4; without a number it is measured. Masked (truncated) floats are shorter by half a unit: it mends that.
 */
export const align = fitted({
  entry: {
    name: "align",
    place: "correction",
    describe: "multiplies the result by a factor that gives back what rounding took from the magnitudes",
    params: [
      {
        key: "by",
        kind: "number",
        min: 0.5,
        max: 2,
        optional: true,
        positional: true,
        describe: "factor: measured if not said",
      },
      {
        key: "each",
        kind: "word",
        words: ["tensor", "row"],
        default: "tensor",
        describe: "what has a factor of its own",
      },
    ],
    paper: {
      title: "Quartet: native FP4 training can be optimal for large language models",
      where: "arXiv 2505.14669",
    },
  },
  plan: (args) => ({
    params: { by: args.number("by"), each: args.word("each") === "row" ? "row" : "tensor" } satisfies AlignParams,
    needs: { reach: "matrix", calibration: "none" },
  }),
  work: async () => (await import("./work.ts")).work,
});

import type { Recipe } from "../../grammar/ast.ts";
import { F16 } from "../side.ts";
import { fitted } from "../step.ts";

export interface ClampParams {
  /** Quantile of |x|, 0 to 1. */
  q: number;
  /** How what is cut off is stored; null where it is lost. */
  values: Recipe | null;
}

/** Outlier clamping and compensation: what lies beyond a quantile is cut off, and stored with its place. */
export const clamp = fitted({
  entry: {
    name: "clamp",
    place: "split",
    describe: "cuts values at a quantile of their magnitudes, and keeps what it cuts off apart",
    params: [
      {
        key: "q",
        kind: "number",
        min: 0,
        max: 1,
        default: 0.99,
        positional: true,
        always: true,
        describe: "the share of magnitudes that stay as they are",
      },
      {
        key: "comp",
        kind: "word",
        words: ["sparse", "none"],
        default: "sparse",
        describe: "what is cut off: stored with its places, or lost",
      },
      { key: "values", kind: "quantizer", optional: true, describe: "how it is stored: f16 if not said" },
    ],
    paper: { title: "Optimizing large language model training using FP4 quantization", where: "arXiv 2501.17116" },
  },
  plan(args) {
    const params: ClampParams = {
      q: args.number("q") ?? 0.99,
      values: args.word("comp") === "none" ? null : (args.recipe("values") ?? F16),
    };
    return { params, needs: { reach: "matrix", calibration: "none" } };
  },
  work: async () => (await import("./work.ts")).work,
});

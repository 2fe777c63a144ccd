import type { Recipe } from "../../grammar/ast.ts";
import { F16 } from "../side.ts";
import { fitted } from "../step.ts";

export interface CenterParams {
  by: "col" | "row";
  /** How the means are stored. */
  means: Recipe;
}

/**
 * Takes the mean of each column (or row) off and adds it again. Whoever runs the weight adds one product a token for columns (the means
 * times the token), one sum of the token for rows.
 */
export const center = fitted({
  entry: {
    name: "center",
    place: "transform",
    describe: "takes the mean of each column or row off before quantizing, and adds it again",
    costs: "a sum over each input, and a product for each mean",
    params: [
      {
        key: "by",
        kind: "word",
        words: ["col", "row"],
        default: "col",
        positional: true,
        describe: "what has a mean of its own: columns (input channels) or rows (outputs)",
      },
      { key: "means", kind: "quantizer", optional: true, describe: "how the means are stored: f16 if not said" },
    ],
    paper: { title: "SageAttention: mean removal before quantizing", where: "arXiv 2410.02367" },
  },
  plan: (args) => ({
    params: { by: args.word("by") === "row" ? "row" : "col", means: args.recipe("means") ?? F16 } as CenterParams,
    needs: { reach: "matrix", calibration: "none" },
  }),
  work: async () => (await import("./work.ts")).work,
});

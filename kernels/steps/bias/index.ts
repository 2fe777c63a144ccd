import type { Recipe } from "../../grammar/ast.ts";
import { F16 } from "../side.ts";
import { fitted } from "../step.ts";

export interface BiasParams {
  /** How the bias is stored. */
  values: Recipe;
}

/** Bias correction: what the weight's error does to the mean output is added again, one value an output. */
export const bias = fitted({
  entry: {
    name: "bias",
    place: "correction",
    describe: "adds to each output what the weight's error takes from its mean, by the mean of each input channel",
    params: [{ key: "values", kind: "quantizer", optional: true, describe: "how the bias is stored: f16 if not said" }],
    paper: {
      title: "Data-free quantization through weight equalization and bias correction",
      where: "arXiv 1906.04721",
    },
  },
  plan: (args) => ({
    params: { values: args.recipe("values") ?? F16 },
    needs: { reach: "matrix", calibration: "channels" },
  }),
  work: async () => (await import("./work.ts")).work,
});

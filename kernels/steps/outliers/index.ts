import type { Recipe } from "../../grammar/ast.ts";
import { RecipeError } from "../../grammar/errors.ts";
import { F16 } from "../side.ts";
import { fitted } from "../step.ts";

export interface OutlierParams {
  /** The share of all values that is kept. */
  frac: number;
  /** How they are stored. */
  values: Recipe;
}

/** Dense and sparse: what is kept is stored with its place in the matrix, ceil(log2(rows x cols)) bits each, and counted. */
export const outliers = fitted({
  entry: {
    name: "outliers",
    place: "split",
    describe: "keeps the values of the largest magnitudes apart, and quantizes the rest",
    params: [
      {
        key: "frac",
        kind: "number",
        min: 0,
        max: 1,
        default: 0.005,
        positional: true,
        always: true,
        describe: "the share of all values that is kept",
      },
      { key: "values", kind: "quantizer", optional: true, describe: "how the kept values are stored: f16 if not said" },
    ],
    paper: { title: "SpQR and SqueezeLLM: dense and sparse", where: "arXiv 2306.03078, 2306.07629" },
  },
  plan(args, { rows, cols }) {
    if (rows * cols >= 2 ** 32)
      throw new RecipeError(`outliers counts places in 32 bits, and ${rows} x ${cols} are more`);
    const frac = args.number("frac") ?? 0.005;
    return {
      params: { frac, values: args.recipe("values") ?? F16 },
      needs: { reach: "matrix", calibration: "none" },
    };
  },
  work: async () => (await import("./work.ts")).work,
});

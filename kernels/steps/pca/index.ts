import type { Recipe } from "../../grammar/ast.ts";
import { F32 } from "../side.ts";
import { fitted } from "../step.ts";

export interface PcaParams {
  by: "inputs" | "weights";
  /** How the basis is stored. */
  basis: Recipe;
}

/**
 * Turns the columns into the principal axes of the inputs (or of the weight's own rows), the strongest first, so that what matters shares
 * blocks. A dense matrix of cols x cols that is stored and counted; cols multiplications an input value, unless it folds into the layer
 * that makes the input.
 */
export const pca = fitted({
  entry: {
    name: "pca",
    place: "transform",
    describe: "turns columns into the principal axes of the inputs or of the weight",
    folds: "into the layer that makes the input where that is linear, shared by all weights that read it",
    params: [
      {
        key: "by",
        kind: "word",
        words: ["inputs", "weights"],
        default: "inputs",
        positional: true,
        describe: "whose axes: the inputs' (from the calibration), or those of the weight's rows",
      },
      { key: "basis", kind: "quantizer", optional: true, describe: "how the basis is stored: f32 if not said" },
    ],
    paper: { title: "SliceGPT: rotations to principal components", where: "arXiv 2401.15024" },
  },
  plan(args) {
    const by = args.word("by") === "weights" ? "weights" : "inputs";
    return {
      params: { by, basis: args.recipe("basis") ?? F32 } as PcaParams,
      needs: { reach: "matrix", calibration: by === "inputs" ? "gram" : "none" },
    };
  },
  work: async () => (await import("./work.ts")).work,
});

import type { Recipe } from "../../grammar/ast.ts";
import { RecipeError } from "../../grammar/errors.ts";
import { F16 } from "../side.ts";
import { fitted } from "../step.ts";

export interface ArmorParams {
  /** Side of the wrappers' blocks. */
  block: number;
  rounds: number;
  by: "magnitude" | "inputs";
  wrappers: Recipe;
}

/** A (S . M) B: a core with 2 of every 4 values, between two block-diagonal wrappers in full. */
export const armor = fitted({
  entry: {
    name: "armor",
    place: "split",
    describe:
      "a core of which 2 of every 4 values stay, between two block-diagonal factors that make up for the others",
    params: [
      { key: "block", kind: "integer", min: 2, max: 256, default: 32, positional: true, describe: "side of a block" },
      {
        key: "rounds",
        kind: "integer",
        min: 0,
        max: 1000,
        default: 12,
        describe: "rounds of least squares, over both factors and the core in turn",
      },
      {
        key: "by",
        kind: "word",
        words: ["magnitude", "inputs"],
        default: "magnitude",
        describe: "whether errors are weighed by the mean square of their inputs",
      },
      { key: "wrappers", kind: "quantizer", optional: true, describe: "how the factors are stored: f16 if not said" },
    ],
    paper: {
      title: "ARMOR: high-performance semi-structured pruning via adaptive matrix factorization",
      where: "arXiv 2510.05528",
    },
  },
  plan(args, { rows, cols }) {
    const block = args.number("block") ?? 32;
    if (rows % block !== 0 || cols % block !== 0) {
      const fits = [32, 16, 8, 4, 2].find((b) => b < block && rows % b === 0 && cols % b === 0);
      const why = `armor(${block}) does not divide a matrix of ${rows} x ${cols} into blocks${fits ? `; ${fits} does` : ""}`;
      throw new RecipeError(why, null, fits ? args.remedy("block", fits) : []);
    }
    const params: ArmorParams = {
      ...{ block, rounds: args.number("rounds") ?? 12, by: (args.word("by") ?? "magnitude") as ArmorParams["by"] },
      wrappers: args.recipe("wrappers") ?? F16,
    };
    return {
      params,
      needs: { reach: "matrix", calibration: params.by === "inputs" ? "channels" : "none" },
      // Small products in plain code: a tenth of the speed of large ones.
      operations: 10 * params.rounds * 24 * rows * cols * block,
      sparse: true,
    };
  },
  work: async () => (await import("./work.ts")).work,
});

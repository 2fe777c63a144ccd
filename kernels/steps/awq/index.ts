import { RecipeError } from "../../grammar/errors.ts";
import { fitted } from "../step.ts";

export interface AwqParams {
  /** Ratios that are tried: 0, 1/grid, ... (grid - 1)/grid. */
  grid: number;
  /** Columns of a group that is clipped on its own; 0 clips nothing. */
  clip: number;
}

/**
 * Activation-aware weight quantization: columns that meet loud inputs are multiplied by s = mean|x|^r over its geometric centre, inputs
 * divided by it; the ratio r is the one whose outputs differ least, over the tokens kept. It folds into the norm or layer that makes the
 * input. With `clip`, the range of each group is then cut where that lowers the output's error further.
 */
export const awq = fitted({
  entry: {
    name: "awq",
    place: "transform",
    describe: "scales up the columns that meet loud inputs, as far as a search over output errors says",
    folds: "into the norm or layer that makes the input, shared by all weights that read it",
    params: [
      {
        key: "grid",
        kind: "integer",
        min: 1,
        max: 200,
        default: 20,
        positional: true,
        describe: "ratios that are tried",
      },
      {
        key: "clip",
        kind: "integer",
        min: 0,
        max: 65536,
        default: 0,
        describe: "columns of a group whose range is cut by a search of its own; 0 for none",
      },
    ],
    paper: { title: "AWQ: activation-aware weight quantization", where: "arXiv 2306.00978" },
  },
  plan(args, { cols }) {
    const clip = args.number("clip") ?? 0;
    if (clip > 0 && cols % clip !== 0) {
      throw new RecipeError(`awq cuts groups of ${clip} columns, which do not divide the rows of ${cols} elements`);
    }
    return {
      params: { grid: args.number("grid") ?? 20, clip } satisfies AwqParams,
      needs: { reach: "matrix", calibration: "rows" },
    };
  },
  work: async () => (await import("./work.ts")).work,
});

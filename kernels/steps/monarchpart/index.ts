import type { Recipe } from "../../grammar/ast.ts";
import { RecipeError } from "../../grammar/errors.ts";
import { F16 } from "../side.ts";
import { fitted } from "../step.ts";
import { FACTORS } from "../thin/parameters.ts";

export interface MonarchParams {
  /** Blocks of either factor. */
  b: number;
  factors: Recipe;
}

/** The divisor of both sides that is nearest to the root of the columns: the fewest parameters. */
function ownBlocks(rows: number, cols: number): number {
  const wanted = Math.sqrt(cols);
  let best = 1;
  for (let b = 1; b <= Math.min(rows, cols); b++)
    if (rows % b === 0 && cols % b === 0 && Math.abs(Math.log(b / wanted)) < Math.abs(Math.log(best / wanted)))
      best = b;
  return best;
}

/** P L P^T R: two block-diagonal factors with the stride permutation between them, the nearest to the matrix. */
export const monarchpart = fitted({
  entry: {
    name: "monarchpart",
    place: "split",
    describe: "keeps the nearest product of two block-diagonal factors, and quantizes the rest",
    params: [
      {
        key: "b",
        kind: "integer",
        min: 1,
        max: 4096,
        optional: true,
        positional: true,
        describe: "blocks of either factor, a divisor of rows and columns: near the columns' root if not said",
      },
      FACTORS,
    ],
    paper: {
      title: "Monarch: expressive structured matrices for efficient and accurate training",
      where: "arXiv 2204.00595",
    },
  },
  plan(args, { rows, cols }) {
    const b = args.number("b") ?? ownBlocks(rows, cols);
    if (rows % b !== 0 || cols % b !== 0)
      throw new RecipeError(
        `monarchpart(${b}) does not divide a matrix of ${rows} x ${cols}`,
        null,
        args.remedy("b", ownBlocks(rows, cols)),
      );
    const params: MonarchParams = { b, factors: args.recipe("factors") ?? F16 };
    return { params, needs: { reach: "matrix", calibration: "none" }, operations: 400 * rows * cols };
  },
  work: async () => (await import("./work.ts")).work,
});

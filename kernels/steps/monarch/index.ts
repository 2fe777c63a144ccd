import { RecipeError } from "../../grammar/errors.ts";
import { seedParameter } from "../../grammar/seed.ts";
import { stepStream } from "../../random/streams.ts";
import { streamed } from "../step.ts";
import { monarchRotation } from "./rotation.ts";

export interface MonarchRotation {
  /** Blocks of the first factor, and values of each. */
  b: number;
  n: number;
  seed: number;
  stream: number;
}

/** The divisor of the columns that is nearest to their root, from below. */
function ownBlocks(cols: number): number {
  for (let b = Math.floor(Math.sqrt(cols)); b > 1; b--) if (cols % b === 0) return b;
  return 1;
}

/** A rotation of whole rows as P L P^T R with orthogonal blocks, drawn by seed: 2 sqrt(n) multiplications a value in place of n. */
export const monarch = streamed({
  entry: {
    name: "monarch",
    place: "transform",
    describe:
      "rotation of whole rows by two block-diagonal factors with a stride permutation between them, drawn by seed",
    costs: "twice the root of its length in multiplications an input value, unless the layer before is rotated alike",
    params: [
      {
        key: "b",
        kind: "integer",
        min: 2,
        max: 512,
        optional: true,
        positional: true,
        describe: "blocks of the first factor, a divisor of the columns: near their root if not said",
      },
      seedParameter("seed of the rotation"),
    ],
    paper: {
      title: "Monarch: expressive structured matrices for efficient and accurate training",
      where: "arXiv 2204.00595",
    },
  },
  plan(args, { cols, position }) {
    const b = args.number("b") ?? ownBlocks(cols);
    if (cols % b !== 0 || cols / b > 512 || b === 1) {
      const own = ownBlocks(cols);
      const fits = own > 1 && cols / own <= 512;
      const why = `monarch cuts rows of ${cols} elements into ${b} blocks, which leaves ${cols % b === 0 ? `blocks of ${cols / b}` : "a remainder"}`;
      throw new RecipeError(why, null, fits && args.number("b") !== null ? args.remedy("b", own) : []);
    }
    const params: MonarchRotation = { b, n: cols / b, seed: args.number("seed") ?? 0, stream: stepStream(position) };
    return { params, needs: { reach: "row", calibration: "none" } };
  },
  stream: monarchRotation,
});

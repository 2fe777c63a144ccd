import type { Recipe } from "../../grammar/ast.ts";
import { RecipeError } from "../../grammar/errors.ts";
import { F16 } from "../side.ts";
import { fitted } from "../step.ts";
import { FACTORS } from "../thin/parameters.ts";

export interface TuckerParams {
  /** The three sides of the tensor, row-major in the matrix. */
  sides: [number, number, number];
  /** Their ranks as asked for; null where the data say. */
  ranks: [number, number, number] | null;
  energy: number;
  iters: number;
  core: Recipe;
  factors: Recipe;
}

/** The longest side whose rank the data can say: its spectrum is that of a matrix of this order. */
const LONGEST = 2048;

const rank = (key: string, of: string) =>
  ({
    key,
    kind: "integer",
    min: 1,
    max: 65536,
    optional: true,
    positional: true,
    describe: `rank of the ${of} side`,
  }) as const;

/** A Tucker decomposition: convolutions are outputs x inputs x places of the kernel; stacks are tensors x rows x columns. */
export const tucker = fitted({
  entry: {
    name: "tucker",
    place: "split",
    describe: "keeps a small core with a factor for each of three sides, and quantizes the rest",
    params: [
      rank("a", "first"),
      rank("b", "second"),
      rank("c", "third"),
      { key: "n", kind: "integer", min: 1, max: 65536, describe: "the side that a matrix does not show" },
      {
        key: "of",
        kind: "word",
        words: ["kernels", "stack"],
        default: "kernels",
        describe: "whether n are the places of a kernel, along each row, or tensors below each other",
      },
      {
        key: "energy",
        kind: "number",
        min: 0,
        max: 1,
        default: 0.9,
        describe: "share of the energy that ranks hold, where they are left out",
      },
      { key: "iters", kind: "integer", min: 0, max: 100, default: 20, describe: "rounds of alternating least squares" },
      { key: "core", kind: "quantizer", optional: true, describe: "how the core is stored: f16 if not said" },
      FACTORS,
    ],
    paper: {
      title: "On the best rank-1 and rank-(R1, ..., RN) approximation: HOOI",
      where: "SIAM J. Matrix Anal. 21 (2000)",
    },
  },
  plan(args, { rows, cols }) {
    const n = args.number("n") ?? 1;
    const stack = args.word("of") === "stack";
    const [long, what] = stack ? [rows, "rows"] : [cols, "columns"];
    if (long % n !== 0) throw new RecipeError(`tucker(n=${n}) does not divide the ${long} ${what} of the matrix`);
    const sides: TuckerParams["sides"] = stack ? [n, rows / n, cols] : [rows, cols / n, n];
    const asked = ["a", "b", "c"].map((key) => args.number(key));
    const given = asked.filter((r) => r !== null);
    if (given.length !== 0 && given.length !== 3) throw new RecipeError("tucker takes three ranks, or none");
    const ranks = given.length === 3 ? (given as TuckerParams["ranks"]) : null;
    if (!ranks && Math.max(...sides) > LONGEST)
      throw new RecipeError(`tucker finds ranks of sides up to ${LONGEST}: give all three`);
    const params: TuckerParams = {
      ...{ sides, ranks, energy: args.number("energy") ?? 0.9, iters: args.number("iters") ?? 20 },
      core: args.recipe("core") ?? F16,
      factors: args.recipe("factors") ?? F16,
    };
    const most = Math.max(...(ranks ?? sides));
    return {
      params,
      needs: { reach: "matrix", calibration: "none" },
      operations: 3 * 4 * rows * cols * Math.min(most, 256) * (30 + params.iters),
    };
  },
  work: async () => (await import("./work.ts")).work,
});

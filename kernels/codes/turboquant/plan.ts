import type { Recipe } from "../../grammar/ast.ts";
import { RecipeError } from "../../grammar/errors.ts";
import { F16 } from "../../steps/side.ts";
import { checkVectors, coded } from "../code.ts";

export interface TurboquantCode {
  /** Of a coordinate's level, without the residual's. */
  bits: number;
  n: number;
  rotation: "random" | "hadamard";
  residual: boolean;
  corrected: boolean;
  seed: number;
  norms: Recipe;
}

export const turboquant = coded<TurboquantCode>({
  plan(args, { rows, cols }) {
    const [all, n] = [args.number("bits") ?? 3, args.number("n") ?? 128];
    const residual = args.word("residual") === "qjl";
    const rotation = args.word("rotation") === "hadamard" ? "hadamard" : "random";
    const bits = residual ? all - 1 : all;
    if (bits < 1)
      throw new RecipeError("turboquant(residual=qjl) takes one of its bits for what is left: give it 2 at least");
    checkVectors(n, cols);
    if (rotation === "hadamard" && (n & (n - 1)) !== 0) {
      throw new RecipeError(`turboquant(rotation=hadamard) needs vectors of a power of two, and n is ${n}`);
    }
    return {
      params: {
        ...{ bits, n, rotation, residual, corrected: args.word("norm") === "corrected" },
        ...{ seed: args.number("seed") ?? 0, norms: args.recipe("norms") ?? F16 },
      },
      bits: [
        { what: `codes of coordinates (lloyd${bits})`, bitsPerWeight: bits },
        ...(residual ? [{ what: "signs of what is left (QJL)", bitsPerWeight: 1 }] : []),
      ],
      operations: rows * cols * n * (residual ? 160 : 80),
    };
  },
  work: async () => (await import("./work.ts")).work,
});

import type { Recipe } from "../../grammar/ast.ts";
import { RecipeError } from "../../grammar/errors.ts";
import { F16 } from "../side.ts";
import { fitted } from "../step.ts";

export interface DenseSparseParams {
  frac: number;
  by: "magnitude" | "lowrank" | "random" | "salience";
  /** Rank of the part whose largest values are kept, for by=lowrank. */
  r: number;
  seed: number;
  /** The share of all values that is kept beside, for how much the loss feels them. */
  sensitive: number;
  values: Recipe;
}

const SHARE = { kind: "number", min: 0, max: 1 } as const;

/** A share of the values by one mask, and a share by how much the loss feels them: SqueezeLLM's, and the masks it is compared with. */
export const densesparse = fitted({
  entry: {
    name: "densesparse",
    place: "split",
    describe: "keeps values apart by a mask of choice, and those that matter most by their inputs",
    params: [
      {
        key: "frac",
        ...SHARE,
        default: 0.0045,
        positional: true,
        always: true,
        describe: "the share kept by the mask",
      },
      {
        key: "sensitive",
        ...SHARE,
        default: 0.0005,
        describe:
          "the share kept for w^2 times the mean square of its input, and of its output's gradient where it is known",
      },
      {
        key: "by",
        kind: "word",
        words: ["magnitude", "lowrank", "random", "salience"],
        default: "magnitude",
        describe:
          "the mask: largest |w|; largest of the part of rank r (LIFT); drawn at random; or as the sensitive ones",
      },
      {
        key: "r",
        kind: "integer",
        min: 1,
        max: 4096,
        default: 32,
        needs: { key: "by", word: "lowrank" },
        describe: "that rank",
      },
      {
        key: "seed",
        kind: "integer",
        min: 0,
        max: 2 ** 32 - 1,
        default: 0,
        needs: { key: "by", word: "random" },
        describe: "seed of the draw",
      },
      { key: "values", kind: "quantizer", optional: true, describe: "how the kept values are stored: f16 if not said" },
    ],
    paper: { title: "SqueezeLLM: dense-and-sparse quantization; LIFT", where: "arXiv 2306.07629, 2506.00772" },
  },
  plan(args, { rows, cols }) {
    if (rows * cols >= 2 ** 32)
      throw new RecipeError(`densesparse counts places in 32 bits, and ${rows} x ${cols} are more`);
    const params: DenseSparseParams = {
      frac: args.number("frac") ?? 0.0045,
      sensitive: args.number("sensitive") ?? 0.0005,
      by: (args.word("by") ?? "magnitude") as DenseSparseParams["by"],
      r: Math.min(args.number("r") ?? 32, rows, cols),
      seed: args.number("seed") ?? 0,
      values: args.recipe("values") ?? F16,
    };
    const felt = params.sensitive > 0 || params.by === "salience";
    return { params, needs: { reach: "matrix", calibration: felt ? "channels" : "none" } };
  },
  work: async () => (await import("./work.ts")).work,
});

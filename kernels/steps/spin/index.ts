import type { Recipe } from "../../grammar/ast.ts";
import { blockFor, blockParameter } from "../dense-blocks.ts";
import { SEED } from "../learning/parameters.ts";
import { F32 } from "../side.ts";
import { fitted } from "../step.ts";

export interface SpinParams {
  n: number;
  steps: number;
  rate: number;
  /** What inputs go through while it learns; null where they stay as they are. */
  inputs: Recipe | null;
  basis: Recipe;
  seed: number;
}

/** SpinQuant: a rotation of each block of a row, one for all blocks, learned on the outputs' error by Cayley steps. */
export const spin = fitted({
  entry: {
    name: "spin",
    place: "transform",
    describe:
      "learns a rotation of blocks that makes the quantized outputs' error least, from a randomised Hadamard one",
    folds: "into the layer that makes the input where that is linear, shared by all weights that read it",
    params: [
      blockParameter(512),
      { key: "steps", kind: "integer", min: 0, max: 10_000, default: 60, positional: true, describe: "of descent" },
      { key: "rate", kind: "number", min: 0.0001, max: 1, default: 0.1, describe: "angle of the first step, about" },
      { key: "inputs", kind: "quantizer", optional: true, describe: "what inputs go through while it learns" },
      { key: "basis", kind: "quantizer", optional: true, describe: "how the rotation is stored: f32 if not said" },
      { ...SEED, always: true, describe: "of the rotation that it starts from" },
    ],
    paper: { title: "SpinQuant: LLM quantization with learned rotations", where: "arXiv 2405.16406" },
  },
  plan(args, { rows, cols }) {
    const params: SpinParams = {
      ...{ n: blockFor("spin", args, cols), steps: args.number("steps") ?? 60, rate: args.number("rate") ?? 0.1 },
      ...{ inputs: args.recipe("inputs"), basis: args.recipe("basis") ?? F32, seed: args.number("seed") ?? 0 },
    };
    return {
      params,
      needs: { reach: "matrix", calibration: "rows" },
      operations: (params.steps + 1) * (rows * cols * (6 * 256 + 4 * params.n) + 30 * params.n ** 3),
    };
  },
  work: async () => (await import("./work.ts")).work,
});

import type { Recipe } from "../../grammar/ast.ts";
import { RecipeError } from "../../grammar/errors.ts";
import { SEED } from "../learning/parameters.ts";
import { F16 } from "../side.ts";
import { fitted } from "../step.ts";

export interface FlatParams {
  /** Orders of the two factors; their product is the columns. */
  n: [number, number];
  steps: number;
  rate: number;
  /** What inputs go through while it learns; null where they stay as they are. */
  inputs: Recipe | null;
  factors: Recipe;
  /** Where it begins. */
  start: "best" | "none" | "hadamard" | "random";
  seed: number;
}

/** The divisor of the columns that is nearest to their root, from below. */
function nearRoot(cols: number): number {
  for (let n = Math.floor(Math.sqrt(cols)); n > 1; n--) if (cols % n === 0) return n;
  return 1;
}

/** The largest order of a factor: its inverse is taken in every step. */
const MOST = 256;

/** FlatQuant: an invertible map diag(c) (P1 x P2) of the columns, learned so that weight and inputs are flat. */
export const flat = fitted({
  entry: {
    name: "flat",
    place: "transform",
    describe: "learns an invertible Kronecker map of the columns that makes the quantized outputs' error least",
    costs: "as many multiplications an input value as its two factors have rows together; its diagonal folds",
    params: [
      { key: "steps", kind: "integer", min: 0, max: 10_000, default: 60, positional: true, describe: "of Adam" },
      { key: "n", kind: "integer", min: 1, max: MOST, optional: true, describe: "order of the first factor" },
      { key: "rate", kind: "number", min: 0.00001, max: 1, default: 0.01, describe: "learning rate" },
      { key: "inputs", kind: "quantizer", optional: true, describe: "what inputs go through while it learns" },
      { key: "factors", kind: "quantizer", optional: true, describe: "how factors are stored: f16 if not said" },
      {
        key: "start",
        kind: "word",
        words: ["best", "none", "hadamard", "random"],
        default: "best",
        describe: "the best of diagonals with and without rotation, or one map alone",
      },
      { ...SEED, describe: "of a random start" },
    ],
    paper: { title: "FlatQuant: flatness matters for LLM quantization", where: "arXiv 2410.09426" },
  },
  plan(args, { rows, cols }) {
    const first = args.number("n") ?? nearRoot(cols);
    const second = cols / first;
    if (cols % first !== 0 || second > MOST) {
      const own = nearRoot(cols);
      const fits = cols / own <= MOST && args.number("n") !== null;
      const why = `flat's first factor of order ${first} leaves ${cols % first ? "a remainder of" : `one of ${second} for`} rows of ${cols} elements`;
      throw new RecipeError(why, null, fits ? args.remedy("n", own) : []);
    }
    const params: FlatParams = {
      ...{ n: [first, second], steps: args.number("steps") ?? 60, rate: args.number("rate") ?? 0.01 },
      start: (args.word("start") ?? "best") as FlatParams["start"],
      ...{ inputs: args.recipe("inputs"), factors: args.recipe("factors") ?? F16, seed: args.number("seed") ?? 0 },
    };
    return {
      params,
      needs: { reach: "matrix", calibration: "rows" },
      operations: (params.steps + 5) * rows * cols * (6 * 256 + 8 * (first + second)),
    };
  },
  work: async () => (await import("./work.ts")).work,
});

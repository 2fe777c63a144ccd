import type { Recipe } from "../../grammar/ast.ts";
import { F16 } from "../side.ts";
import { fitted } from "../step.ts";

export interface FirstTokensParams {
  n: number;
  /** Rows after which another text begins; 0 where there is one alone. */
  every: number;
  values: Recipe;
}

/** Activations are rows: the first of a text draw attention, and hold values that no other has. */
export const firsttokens = fitted({
  entry: {
    name: "firsttokens",
    place: "split",
    describe: "keeps the first rows apart: the first tokens of activations, whose values no other token has",
    params: [
      { key: "n", kind: "integer", min: 1, max: 65536, default: 1, positional: true, describe: "rows that are kept" },
      {
        key: "every",
        kind: "integer",
        min: 0,
        max: 2 ** 24,
        default: 0,
        describe: "rows after which the next text begins; 0: there is one",
      },
      { key: "values", kind: "quantizer", optional: true, describe: "how they are stored: f16 if not said" },
    ],
    paper: { title: "IntactKV; PrefixQuant", where: "arXiv 2403.01241, 2410.05265" },
  },
  plan: (args) => ({
    params: {
      n: args.number("n") ?? 1,
      every: args.number("every") ?? 0,
      values: args.recipe("values") ?? F16,
    } satisfies FirstTokensParams,
    needs: { reach: "matrix", calibration: "none" },
    sparse: true,
  }),
  work: async () => (await import("./work.ts")).work,
});

import type { Recipe } from "../../grammar/ast.ts";
import { F16 } from "../../steps/side.ts";
import { checkVectors, coded } from "../code.ts";

/** Vectors of `dim` values along a row, each coded as one of k. */
export interface VectorCode {
  dim: number;
  k: number;
  seed: number;
  /** How the codebook is stored. */
  book: Recipe;
}

export const vq = coded<VectorCode>({
  plan(args, { cols }) {
    const dim = args.number("dim") ?? 4;
    const k = args.number("k") ?? 256;
    checkVectors(dim, cols);
    return {
      params: { dim, k, seed: args.number("seed") ?? 0, book: args.recipe("book") ?? F16 },
      // The codebook comes on top once it is stored.
      bits: [{ what: `codes of ${dim} values (vq)`, bitsPerWeight: Math.ceil(Math.log2(k)) / dim }],
      columns: dim,
    };
  },
  work: async () => (await import("./encode.ts")).work,
});

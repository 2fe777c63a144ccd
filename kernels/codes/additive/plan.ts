import type { Recipe } from "../../grammar/ast.ts";
import { RecipeError } from "../../grammar/errors.ts";
import { F16 } from "../../steps/side.ts";
import { checkVectors, coded } from "../code.ts";

/** Vectors of `dim` values along a row, each the sum of one vector from each of some codebooks, times a scale of the row. */
export interface AdditiveCode {
  dim: number;
  books: number;
  /** Bits of a code of one book. */
  bits: number;
  /** Partial sums that the search keeps. */
  beam: number;
  /** Times that codes and books are found anew in turn, after the residual k-means that they begin with; 0 leaves residual books. */
  rounds: number;
  seed: number;
  book: Recipe;
}

/** What a search takes beside its products, in operations. */
const OVERHEAD = 13000;

/** Searches through one book for a vector: k-means at first, then one for each sum that is kept, in each round and at the end. */
const searchesOf = (books: number, bits: number, beam: number, rounds: number): number =>
  books * (bits > 10 ? 4 : 11) + (rounds + 1) * (1 + (books - 1) * beam);

export const aqlm = coded<AdditiveCode>({
  plan(args, { rows, cols }) {
    const number = (key: string, standard: number) => args.number(key) ?? standard;
    const [dim, books, bits] = [number("dim", 8), number("books", 2), number("bits", 8)];
    checkVectors(dim, cols);
    if (books * bits > 32)
      throw new RecipeError(`${books} codes of ${bits} bits do not go into the 32 that a vector has here`);
    const [beam, rounds] = [number("beam", 8), number("rounds", 4)];
    const vectors = (rows * cols) / dim;
    return {
      params: { dim, books, bits, beam, rounds, seed: number("seed", 0), book: args.recipe("book") ?? F16 },
      bits: [
        { what: `codes of ${dim} values, ${books} x ${bits} bits (aqlm)`, bitsPerWeight: (books * bits) / dim },
        { what: "scales of rows (f16)", bitsPerWeight: 16 / cols },
      ],
      uses: "gram",
      operations: vectors * searchesOf(books, bits, beam, rounds) * (2 * dim * 2 ** bits + OVERHEAD),
    };
  },
  work: async () => (await import("./work.ts")).work,
});

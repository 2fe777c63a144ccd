import type { Recipe } from "../../grammar/ast.ts";
import { F16 } from "../../steps/side.ts";
import { coded } from "../code.ts";

export interface KmeansCode {
  k: number;
  per: "tensor" | "row";
  /** Whether errors count by the mean squares of the inputs. */
  weighted: boolean;
  book: Recipe;
}

export const kmeans = coded<KmeansCode>({
  plan(args, { rows, cols }) {
    const k = args.number("k") ?? 16;
    const weighted = args.word("weights") === "inputs";
    return {
      params: { k, per: args.word("per") === "row" ? "row" : "tensor", weighted, book: args.recipe("book") ?? F16 },
      bits: [{ what: "codes (kmeans)", bitsPerWeight: Math.ceil(Math.log2(k)) }],
      ...(weighted && { uses: "channels" as const }),
      operations: rows * cols * 100,
      columns: 1,
    };
  },
  work: async () => (await import("./work.ts")).work,
});

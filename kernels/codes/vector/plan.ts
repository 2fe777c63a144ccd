import { formatArgs } from "../../formats/registry.ts";
import type { Call } from "../../grammar/ast.ts";
import { RecipeError } from "../../grammar/errors.ts";
import type { VectorCode } from "../../plan/plan.ts";
import { F16 } from "../../steps/side.ts";

/** Reads a vector code for rows of `cols` values. Throws RecipeError where vectors do not divide them. */
export function vectorCode(base: Call, cols: number): VectorCode {
  const args = formatArgs(base);
  const dim = args.number("dim") ?? 4;
  const k = args.number("k") ?? 256;
  if (cols % dim !== 0) {
    const fits = [16, 8, 6, 5, 4, 3, 2].find((d) => cols % d === 0);
    throw new RecipeError(
      `vectors of ${dim} do not divide the rows of ${cols} elements${fits ? `; ${fits} does` : ""}`,
    );
  }
  return { dim, k, seed: args.number("seed") ?? 0, book: args.recipe("book") ?? F16 };
}

/** What the codes take; the codebook comes on top once it is stored. */
export const codesOf = ({ dim, k }: VectorCode) => ({
  what: `codes of ${dim} values (vq)`,
  bitsPerWeight: Math.ceil(Math.log2(k)) / dim,
});

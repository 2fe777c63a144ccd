/** Results that stand in another checkpoint, found for a recipe that says `given`. */

import { RecipeError } from "../../kernels/grammar/errors.ts";
import { type Given, givenIndex } from "../../kernels/index.ts";
import type { MatrixSource } from "../../kernels/matrix/source.ts";
import type { Recipe } from "../../kernels/notation/index.ts";
import { UserError } from "../errors/user-error.ts";
import { sampleRows } from "../tensors/sample.ts";
import { reorderRows } from "./rows.ts";
import type { GivenTensor, Target } from "./target.ts";

/** What `given(1)`, `given(2)` ... of an order stand for. */
export type GivenMatrices = readonly (Given | null)[];

/** Opens what stands beside a target. Rejects with UserError where it cannot be read. */
export async function openGiven(
  { given = [], sample }: Target,
  matrix: (target: Target) => Promise<MatrixSource>,
): Promise<GivenMatrices> {
  const open = async (tensor: GivenTensor | null): Promise<Given | null> => {
    if (!tensor) return null;
    const { source, tensor: name, view, bitsPerWeight, what, rows } = tensor;
    const sampled = sample !== undefined && { sample };
    if (!rows) {
      return { matrix: await matrix({ source, tensor: name, view, ...sampled }), bitsPerWeight, what };
    }
    const stored = await matrix({ source, tensor: name, view });
    if (stored.rows % (2 * rows.heads) !== 0) {
      throw new UserError(`${name} has ${stored.rows} rows, which ${rows.heads} heads do not divide into halves.`);
    }
    // A sample is taken of the rows in the order of the tensor: in its own order it would be of others.
    const whole = reorderRows(stored, rows);
    return { matrix: sample === undefined ? whole : sampleRows(whole, sample), bitsPerWeight, what };
  };
  return Promise.all(given.map(open));
}

/** Whether a recipe takes results that another program made, rather than computing its own. */
export const takesGiven = (recipe: Recipe): boolean => givenIndex(recipe) !== null;

/** What such a recipe takes its results from. Throws RecipeError where nothing is given. */
export function givenFor(recipe: Recipe, matrices: GivenMatrices): Given {
  const index = givenIndex(recipe) ?? 0;
  const found = matrices[index];
  if (found) return found;
  throw new RecipeError(
    index < matrices.length
      ? "the other checkpoint has no partner for this tensor"
      : "given needs another checkpoint to take results from: open one to compare with",
  );
}

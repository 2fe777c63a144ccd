/** Steps that are written as NumPy, by name; a recipe with any other has no program. */
import { RecipeError } from "../grammar/errors.ts";
import { clampProgram } from "../steps/clamp/python.ts";
import { columnsProgram } from "../steps/columns/python.ts";
import type { DenseSparseParams } from "../steps/densesparse/index.ts";
import { firstTokensProgram } from "../steps/firsttokens/python.ts";
import { outliersProgram } from "../steps/outliers/python.ts";
import { permProgram } from "../steps/perm/python.ts";
import type { StepProgram } from "../steps/program.ts";
import { pruneProgram } from "../steps/prune/python.ts";
import { ROTATION } from "./elements.ts";
import { RANDOM } from "./ladder.ts";

/**
 * The rotation in a NumPy program. Blocks that hold NaN or Inf stay as they are: those of the tensor where rows stream through the
 * recipe's steps, those that enter this step where it has layers.
 */
function rotationProgram(
  n: number,
  random: { seed: number; stream: number } | null,
  at: number,
  layered: boolean,
): StepProgram {
  const draws = random ? `${random.seed}, ${random.stream}` : "None, 0";
  const skip = layered ? `skip${at}` : "~np.isfinite(original)";
  return {
    functions: [ROTATION, ...(random ? [RANDOM] : [])],
    forward: `${layered ? `${skip} = ~np.isfinite(x)\n` : ""}x = step(x, ${n}, ${draws}, False, ${skip})`,
    back: `result = step(result, ${n}, ${draws}, True, ${skip})`,
  };
}

/** A step's part of a program; `at` makes names its own, `layered` says whether any step of the recipe looks at values. */
export type WriteStep = (params: never, at: number, layered: boolean) => StepProgram;

interface Rotation {
  n: number;
  seed: number;
  stream: number;
}

export const stepPrograms: Record<string, WriteStep> = {
  ht({ n, sequency }: Rotation & { sequency: boolean }, at, layered) {
    if (sequency) throw new RecipeError("ht in sequency order is not written as Python");
    return rotationProgram(n, null, at, layered);
  },
  rht: ({ n, seed, stream }: Rotation, at, layered) => rotationProgram(n, { seed, stream }, at, layered),
  perm: permProgram,
  outliers: outliersProgram,
  densesparse(params: DenseSparseParams, at) {
    if (params.by !== "magnitude" || params.sensitive > 0)
      throw new RecipeError("densesparse is written as Python for the largest values alone (sensitive=0)");
    return outliersProgram(params, at);
  },
  clamp: clampProgram,
  columns: columnsProgram,
  firsttokens: firstTokensProgram,
  prune: pruneProgram,
};

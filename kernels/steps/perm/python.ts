import { RecipeError } from "../../grammar/errors.ts";
import type { StepProgram } from "../program.ts";
import type { PermParams } from "./index.ts";

/** The permutation in a NumPy program. */
export function permProgram({ by }: PermParams, at: number): StepProgram {
  if (by !== "amax") throw new RecipeError(`perm(${by}) is not written as Python`);
  return {
    functions: [],
    moves: true,
    forward: `
order${at} = np.argsort(-np.max(np.where(np.isfinite(x), np.abs(x), 0), axis=0), kind="stable")
x, places = x[:, order${at}], places[:, order${at}]`.trim(),
    back: `
result[:, order${at}] = result.copy()
if codes is not None:
    codes[:, order${at}] = codes.copy()`.trim(),
  };
}

import type { Calibration } from "../../kernels/calibration/types.ts";
import { RecipeError } from "../../kernels/grammar/errors.ts";

/** What is known of the inputs of a weight, or why nothing is although a calibration is given. */
export type Inputs = { calibration: Calibration; why: null } | { calibration: null; why: string | null };

export const noInputs: Inputs = { calibration: null, why: null };

/** Says of a recipe that asks for a calibration why there is none. */
export function withReason(error: unknown, { why }: Inputs): unknown {
  if (why === null || !(error instanceof RecipeError)) return error;
  return new RecipeError(`${error.message}; ${why}`, error.column, error.remedies);
}

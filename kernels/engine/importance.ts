/** How much each column matters to a quantizer that weighs them: the mean squares of a calibration. */
import type { Calibration } from "../calibration/types.ts";
import type { Importance } from "../ggml/encode.ts";
import { RecipeError } from "../grammar/errors.ts";
import type { Plan } from "../plan/plan.ts";

/**
 * The weights of a plan's block quantizer, as float32; null where it has none or nothing is known of the columns. `calibration` is
 * that behind the steps before it. Throws RecipeError where a mean square is none, or experts do not share the rows evenly.
 */
export function importanceOf(plan: Plan, calibration: Calibration | null): Importance | null {
  if (!plan.codec?.weighs || !calibration?.meanSquare) return null;
  const { experts, source } = calibration;
  const values = Float32Array.from(experts?.meanSquare ?? calibration.meanSquare);
  const bad = values.findIndex((value) => !(value >= 0 && value < Infinity));
  if (bad >= 0) {
    throw new RecipeError(
      `${source.name}: the mean square of input channel ${bad % plan.cols} is ${values[bad]}, which ${plan.codec.name} cannot weigh by`,
    );
  }
  const count = experts?.count ?? 1;
  if (plan.rows % count !== 0) {
    throw new RecipeError(`${source.name} is of ${count} experts, which do not share ${plan.rows} rows evenly`);
  }
  return { values, rowsEach: plan.rows / count };
}

/** The plan, with a word on it where its quantizer would have used a calibration and there was none. */
export function saidUnweighted(plan: Plan, calibration: Calibration | null): Plan {
  if (plan.unweighted === undefined || calibration?.meanSquare) return plan;
  return { ...plan, notes: [...plan.notes, plan.unweighted] };
}

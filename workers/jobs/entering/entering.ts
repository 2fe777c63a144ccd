import type { Calibration } from "../../../kernels/calibration/types.ts";
import { enteringRange, enteringSource } from "../../../kernels/engine/entering.ts";
import { prepareRecipe } from "../../../kernels/index.ts";
import type { MatrixSource } from "../../../kernels/matrix/source.ts";
import { parseDefinition, parseRecipe } from "../../../kernels/notation/index.ts";
import type { LinearHistogram } from "../../../kernels/report/report.ts";
import type { RunRequest } from "../../runs/target.ts";
import { histogram, type ValueRange } from "../histogram/histogram.ts";

/**
 * A histogram of what enters a recipe's quantizer, after its steps; without a range over all of it. Throws RecipeError
 * where the recipe does not fit, UserError for an empty range.
 */
export async function enteringHistogram(
  source: MatrixSource,
  { recipe, definitions }: Pick<RunRequest, "recipe" | "definitions">,
  range: ValueRange | null,
  pace: () => Promise<void>,
  calibration: Calibration | null = null,
): Promise<LinearHistogram> {
  const known = definitions.map((text) => parseDefinition(text));
  const plan = prepareRecipe(parseRecipe(recipe, { definitions: known }), known, source.rows, source.cols);
  const { lo, hi, bins } = range ?? (await enteringRange(source, plan, pace, calibration));
  return histogram(enteringSource(source, plan, pace, calibration), lo, hi, bins, pace);
}

import { partOf } from "../../calibration/needs.ts";
import { RecipeError } from "../../grammar/errors.ts";
import { outputTermsFor } from "../outputError/work.ts";
import type { RowSignal } from "../signal.ts";

/**
 * Half of E[g_i^2] E[(d_i x)^2], summed over rows i: the loss's second-order term by its empirical Fisher matrix, where gradients g at
 * the outputs and inputs x are taken as independent, as a capture keeps them (their Gram matrices). Per-sample gradients give
 * MixLLM's own form, `fisherRows` in `rows.ts`.
 */
export const work: RowSignal = {
  of: "rows",
  async terms(rows) {
    const gradients = partOf(rows.calibration, "output", "rowLoss");
    if (gradients.cols !== rows.rows) {
      throw new RecipeError(`rowLoss has gradients of ${gradients.cols} outputs, and the weight has ${rows.rows} rows`);
    }
    const tokens = rows.calibration?.tokens || 1;
    const terms = await outputTermsFor("rowLoss")(rows);
    const weight = (r: number) => gradients.values[(rows.row0 + r) * (gradients.cols + 1)] / (2 * tokens);
    return {
      error: terms.error.map((sum, r) => sum * weight(r)),
      signal: terms.signal.map((sum, r) => sum * weight(r)),
      broken: terms.broken,
    };
  },
  value: ({ error, elements }) => (elements > 0 ? error : null),
};

import type { LinearHistogram } from "../../../kernels/report/report.ts";
import { pacer } from "../../pace/pace.ts";
import type { RunRequest } from "../../runs/target.ts";
import type { ValueRange } from "../histogram/histogram.ts";
import type { Job } from "../job.ts";

export interface EnteringRequest extends RunRequest {
  /** `null` for all values, in the bins of a report. */
  range: ValueRange | null;
}

/** A histogram of the values that enter a recipe's quantizer, after its steps. */
export const entering: Job<EnteringRequest, LinearHistogram> = {
  async work({ range, ...run }, workbench, control) {
    const { enteringHistogram } = await import("./entering.ts");
    const { calibration } = await workbench.inputs(run.target, control);
    const matrix = await workbench.matrix(run.target);
    return enteringHistogram(matrix, run, range, pacer(control.signal), calibration);
  },
  transfers: ({ counts }) => [counts],
};

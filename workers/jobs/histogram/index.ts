import type { LinearHistogram } from "../../../kernels/report/report.ts";
import { pacer } from "../../pace/pace.ts";
import type { Target } from "../../runs/target.ts";
import type { Job } from "../job.ts";
import { histogram as count, type ValueRange } from "./histogram.ts";

export interface HistogramRequest extends ValueRange {
  target: Target;
}

/** A finer histogram of a tensor over a stretch of its values. */
export const histogram: Job<HistogramRequest, LinearHistogram> = {
  async work({ target, lo, hi, bins }, workbench, { signal }) {
    return count(await workbench.matrix(target), lo, hi, bins, pacer(signal));
  },
  transfers: ({ counts }) => [counts],
};

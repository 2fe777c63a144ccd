import { pacer } from "../../pace/pace.ts";
import type { Target } from "../../runs/target.ts";
import type { TensorSummary } from "../../tensors/summary.ts";
import type { Job } from "../job.ts";

/** Statistics of a tensor's values. */
export const summarize: Job<{ target: Target }, TensorSummary> = {
  async work({ target }, workbench, { signal }) {
    return (await workbench.source(target.source)).summary(target.tensor, pacer(signal), signal);
  },
};

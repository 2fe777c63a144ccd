import type { LmPlan, LmRequest } from "../../lm/request.ts";
import type { Job } from "../job.ts";

/** What `lm` would take, before it is asked for. */
export const lmPlan: Job<LmRequest, LmPlan> = {
  async work(request, workbench, control) {
    const [{ planEvaluation }, { askedAt, setupAt }] = await Promise.all([
      import("../../lm/work.ts"),
      import("../../lm/at-workbench.ts"),
    ]);
    return planEvaluation(
      await setupAt(workbench, request, control),
      await askedAt(workbench, request, control.signal),
      control,
    );
  },
};

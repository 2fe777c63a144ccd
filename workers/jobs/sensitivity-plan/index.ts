import type { SensitivityPlan, SensitivityRequest } from "../../sensitivity/request.ts";
import type { Job } from "../job.ts";

/** What `sensitivity` would take, before it is asked for. */
export const sensitivityPlan: Job<SensitivityRequest, SensitivityPlan> = {
  async work(request, workbench, control) {
    const { planSensitivityAt } = await import("../../sensitivity/at-workbench.ts");
    return planSensitivityAt(workbench, request, control);
  },
};

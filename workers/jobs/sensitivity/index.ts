import type { SensitivityAnswer, SensitivityPart, SensitivityRequest } from "../../sensitivity/request.ts";
import type { Job } from "../job.ts";

/** Signals that run the model: scores of tensors under recipes come as parts, all of them in the answer. */
export const sensitivity: Job<SensitivityRequest, SensitivityAnswer, SensitivityPart> = {
  async work(request, workbench, control) {
    const { sensitivitiesAt } = await import("../../sensitivity/at-workbench.ts");
    return sensitivitiesAt(workbench, request, control);
  },
};

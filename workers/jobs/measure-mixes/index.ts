import type { MeasureAnswer, MeasurePart, MeasureRequest } from "../../sensitivity/request.ts";
import type { Job } from "../job.ts";

/** Mixes of recipes measured on text, against the model as it is and against the chosen one. Each comes as a part. */
export const measureMixes: Job<MeasureRequest, MeasureAnswer, MeasurePart> = {
  async work(request, workbench, control) {
    const { measureMixesAt } = await import("../../sensitivity/at-workbench.ts");
    return measureMixesAt(workbench, request, control);
  },
};

import type { Report } from "../../../kernels/measure/report.ts";
import type { RunRequest } from "../../runs/target.ts";
import type { Job } from "../job.ts";

/** A recipe applied to a tensor. The same again is answered from the last few results. */
export const run: Job<RunRequest, Report> = {
  async work(request, workbench, control) {
    const { report } = await workbench.runs.quantized(await workbench.order(request.target, request), control);
    return report;
  },
};

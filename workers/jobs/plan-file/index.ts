import type { FilePlan, FileRequest } from "../../export/request.ts";
import type { Job } from "../job.ts";

/** What a file would hold, or the reason why it cannot be written. Reads no values. */
export const planFile: Job<FileRequest, FilePlan> = {
  async work(request, workbench, { signal }) {
    const plan = await import("../../export/plan.ts");
    const { summary } = await plan.planFile(await workbench.source(request.source), request, signal);
    return summary;
  },
};

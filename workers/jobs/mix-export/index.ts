import type { MixExport, MixExportRequest } from "../../mixes/types.ts";
import type { Job } from "../job.ts";

/** An assignment as another tool takes it: files, commands, and what the tool has nothing like. */
export const mixExport: Job<MixExportRequest, MixExport> = {
  async work(request, workbench, { signal }) {
    const { exportedMix } = await import("../../mixes/at-workbench.ts");
    return exportedMix(request, workbench, signal);
  },
};

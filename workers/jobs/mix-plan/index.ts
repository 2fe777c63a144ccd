import type { MixPlan, MixPlanRequest } from "../../mixes/types.ts";
import type { Job } from "../job.ts";

/** What other tools call the tensors of a source, and mixes of it: llama.cpp's named ones, and what checkpoints are stored as. Reads no values. */
export const mixPlan: Job<MixPlanRequest, MixPlan> = {
  async work(request, workbench, { signal }) {
    const { plannedMixes } = await import("../../mixes/at-workbench.ts");
    return plannedMixes(request, workbench, signal);
  },
};

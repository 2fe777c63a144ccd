import type { MixModel } from "../../mixes/types.ts";
import type { Job, Place } from "../job.ts";

export interface MixModelRequest extends Place {
  source: string;
}

/** A source as mixes speak of it: names that other programs have for its tensors, sizes, caches. Reads no values. */
export const mixModel: Job<MixModelRequest, MixModel> = {
  async work({ source }, workbench, { signal }) {
    const { modelAt } = await import("../../mixes/at-workbench.ts");
    return modelAt(workbench, source, signal);
  },
};

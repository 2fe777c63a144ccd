import type { MixSize } from "../../mixes/size.ts";
import type { MixSizeRequest } from "../../mixes/types.ts";
import type { Job } from "../job.ts";

/** What an assignment takes as a file, to the byte, and with it the cache of a context. */
export const mixSize: Job<MixSizeRequest, MixSize> = {
  async work(request, workbench, { signal }) {
    const { sizeAt } = await import("../../mixes/at-workbench.ts");
    return sizeAt(request, workbench, signal);
  },
};

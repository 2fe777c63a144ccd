import { checkpointFor } from "../../pace/pace.ts";
import type { RunRequest } from "../../runs/target.ts";
import type { Job } from "../job.ts";

export interface ArraysRequest extends RunRequest {
  what: "dequantized" | "codes" | "scales";
}

/** A result as an npy file; scales of several levels are an npz (the blob's type is then `application/zip`). */
export const arrays: Job<ArraysRequest, Blob> = {
  async work({ what, ...run }, workbench, control) {
    const { arrayPieces, collect, scaleArrays, scalesArchive } = await import("../../export/arrays.ts");
    return workbench.runs.look(await workbench.order(run.target, run), control, async (quantized) => {
      if (what !== "scales") return collect(arrayPieces(quantized, what, checkpointFor(control, "elements")));
      const levels = scaleArrays((await quantized.complete?.()) ?? quantized);
      return levels.length === 1
        ? new Blob([levels[0].bytes], { type: "application/octet-stream" })
        : new Blob([scalesArchive(levels)], { type: "application/zip" });
    });
  },
};

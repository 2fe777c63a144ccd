import type { CaptureAnswer, CapturePart, CaptureRequest } from "../../capture/request.ts";
import type { Job } from "../job.ts";

/** Inputs of a model's linear layers while text runs, as a calibration's file. What it takes comes as a part before it begins. */
export const capture: Job<CaptureRequest, CaptureAnswer, CapturePart> = {
  async work(request, workbench, control) {
    const { captureAt } = await import("../../capture/at-workbench.ts");
    return captureAt(workbench, request, control);
  },
};

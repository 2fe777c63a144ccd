import type { Inspection } from "../../../kernels/report/report.ts";
import type { RunRequest } from "../../runs/target.ts";
import type { Job } from "../job.ts";

export interface InspectRequest extends RunRequest {
  row: number;
  col: number;
}

/** One value of a result, spelled out. */
export const inspect: Job<InspectRequest, Inspection> = {
  async work({ row, col, ...run }, workbench, control) {
    const order = await workbench.order(run.target, run);
    return workbench.runs.look(order, control, (quantized) => quantized.inspect(row, col));
  },
};

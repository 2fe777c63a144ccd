import type { MatrixView } from "../../../kernels/report/report.ts";
import type { AttentionOrder, AttentionReport } from "../../attention/attention.ts";
import type { Target } from "../../runs/target.ts";
import type { Job } from "../job.ts";

export interface AttendRequest extends Omit<AttentionOrder, "definitions"> {
  /** Queries, keys or values: which of them says where the work is done. All three lie in its source. */
  target: Target;
  tensors: { readonly [R in "queries" | "keys" | "values"]: { name: string; view: MatrixView } };
  definitions: string[];
}

/** What recipes for queries, keys, values and probabilities do to the outputs of attention. */
export const attend: Job<AttendRequest, AttentionReport> = {
  async work({ target: { source }, tensors, ...order }, workbench, control) {
    const { attention } = await import("../../attention/attention.ts");
    const matrix = ({ name, view }: AttendRequest["tensors"]["keys"]) =>
      workbench.matrix({ source, tensor: name, view });
    const [queries, keys, values] = await Promise.all([tensors.queries, tensors.keys, tensors.values].map(matrix));
    return attention({ queries, keys, values }, order, workbench.backends, control);
  },
};

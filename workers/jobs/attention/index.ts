import type { AttentionAnswer, AttentionRequest } from "../../lm/request.ts";
import type { Job } from "../job.ts";

/** Queries, keys and values of some heads of a layer, while text runs through the model as it is. */
export const attention: Job<AttentionRequest, AttentionAnswer> = {
  async work(request, workbench, control) {
    const [{ attentionOf }, { setupAt }, { readText }] = await Promise.all([
      import("../../lm/attention.ts"),
      import("../../lm/at-workbench.ts"),
      import("../../models/text/spec.ts"),
    ]);
    const text = await readText(request.text, await workbench.source(request.source), control.signal);
    return attentionOf(await setupAt(workbench, request, control), { ...request, text }, control);
  },
  transfers: ({ heads }) => heads.flatMap(({ queries, keys, values }) => [queries, keys, values]),
};

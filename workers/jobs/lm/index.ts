import type { LmAnswer, LmPart, LmRequest } from "../../lm/request.ts";
import type { Job } from "../job.ts";

/** Text through a model as it is and under recipes. Windows come as parts; `workers/lm/figures` makes figures of them. */
export const lm: Job<LmRequest, LmAnswer, LmPart> = {
  async work(request, workbench, control) {
    const [{ evaluate }, { askedAt, setupAt }] = await Promise.all([
      import("../../lm/evaluate.ts"),
      import("../../lm/at-workbench.ts"),
    ]);
    return evaluate(
      await setupAt(workbench, request, control),
      await askedAt(workbench, request, control.signal),
      control,
    );
  },
};

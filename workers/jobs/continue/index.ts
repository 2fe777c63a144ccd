import type { ContinueAnswer, ContinuePart, ContinueRequest } from "../../lm/request.ts";
import type { Job } from "../job.ts";

/** Greedy continuation of a prompt under the model as it is, A and B. Tokens come as parts. */
export const continuation: Job<ContinueRequest, ContinueAnswer, ContinuePart> = {
  async work(request, workbench, control) {
    const [{ continueText }, { setupAt }] = await Promise.all([
      import("../../lm/continue.ts"),
      import("../../lm/at-workbench.ts"),
    ]);
    return continueText(await setupAt(workbench, request, control), request, control);
  },
};

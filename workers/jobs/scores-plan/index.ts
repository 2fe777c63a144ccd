import type { ScoresPlan, ScoresRequest } from "../../scores/types.ts";
import type { Job } from "../job.ts";

/** What scores of a source would read, before anything is read. */
export const scoresPlan: Job<ScoresRequest, ScoresPlan> = {
  async work(request, workbench, { signal }) {
    const [{ planOf }, { pacer }] = await Promise.all([import("../../scores/plan.ts"), import("../../pace/pace.ts")]);
    return planOf((await workbench.source(request.source)).info, request, pacer(signal));
  },
};

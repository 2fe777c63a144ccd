import type { TensorScores } from "../../scores/types.ts";
import type { ScoresPart } from "../../scores/work.ts";
import type { Job } from "../job.ts";

/** Scores of some tensors of a source, each given as soon as it is known. The client spreads a request over the workers (`client.scores`). */
export const scores: Job<ScoresPart, null, TensorScores> = {
  async work(request, workbench, control) {
    const { scoreTensors } = await import("../../scores/work.ts");
    const { calibration } = request;
    const known = calibration === undefined ? null : await workbench.calibration(calibration);
    await scoreTensors(await workbench.source(request.source), known, request, control);
    return null;
  },
};

import type { Job } from "../job.ts";
import type { SweepPart, SweepReply } from "./request.ts";

/** A part of a sweep. Rejects only when cancelled: what fails has its error in its point. */
export const sweep: Job<SweepPart, SweepReply> = {
  async work(part, workbench, control) {
    const [{ sweepPart }, sweeps] = await Promise.all([import("./sweep.ts"), workbench.sweeps()]);
    const { activations } = part.target;
    return sweepPart(
      { ...part, ...(activations !== undefined && { activations }) },
      () => workbench.matrix(part.target),
      sweeps,
      control,
      () => workbench.given(part.target),
      (own) => workbench.inputs(part.target, own),
    );
  },
};

import type { RunRequest } from "../../runs/target.ts";
import type { Job, Place } from "../job.ts";

export interface KeepRequest extends Place {
  /** What is looked at. */
  runs: readonly RunRequest[];
  /** Whose decoded values stay: those of all tensors, or of theirs only. */
  decoded: "all" | "theirs";
}

/** Lets go of what takes much memory and is not looked at any more. */
export const keep: Job<KeepRequest, void> = {
  work: ({ runs, decoded }, workbench) => workbench.keep(runs, decoded),
};

import type { BackendVerdict } from "../../backends/verdict.ts";
import type { Job, Place } from "../job.ts";

/** Which backends there are here, and which one is taken. */
export const backends: Job<Place, BackendVerdict> = {
  work: (_, workbench) => workbench.backends.verdict(),
};

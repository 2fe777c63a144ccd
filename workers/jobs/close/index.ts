import type { Job } from "../job.ts";

/** Closes a source, with its results. */
export const close: Job<{ source: string }, void> = {
  work: ({ source }, workbench) => workbench.close(source),
};

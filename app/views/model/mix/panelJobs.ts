/** What panels of the mix have under way, so that Escape ends it: their stores, from when they first asked for something. */
import { perWorkbench, type Workbench } from "../../../state/workbench.ts";

interface WithJob {
  getState(): { job: AbortController | null };
}

const storesOf = perWorkbench(() => new Set<WithJob>());

/** Lets Escape end what the store has under way. */
export const cancellable = (w: Workbench, store: WithJob): void => void storesOf(w).add(store);

/** Ends all of it; false where nothing was under way. */
export function cancelPanels(w: Workbench): boolean {
  const jobs = [...storesOf(w)].flatMap((store) => store.getState().job ?? []);
  for (const job of jobs) job.abort();
  return jobs.length > 0;
}

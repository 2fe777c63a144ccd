/** Assignments and measurements of other programs, to stand beside the mix. */
import { createStore, type StoreApi } from "zustand/vanilla";
import { perWorkbench } from "../../../../state/workbench.ts";
import type { MeasuredPoint } from "./points.ts";
import type { Candidate } from "./store.ts";

export interface Brought {
  /** The source that they were brought to: another one has nothing of them. */
  source: string | null;
  /** Measured by other programs, on texts of their own. */
  logs: readonly MeasuredPoint[];
  /** Assignments of checkpoints that were opened beside this one. */
  files: readonly Candidate[];
}

type BroughtTo = StoreApi<Brought>;

const nothing: Brought = { source: null, logs: [], files: [] };

export const broughtOf = perWorkbench<BroughtTo>(() => createStore<Brought>(() => nothing));

/** What was brought to a source. */
export const broughtTo = (brought: Brought, source: string): Brought => (brought.source === source ? brought : nothing);

/** Brings something to a source; what was brought to another one is let go. */
export function bring(
  store: BroughtTo,
  source: string,
  more: (now: Brought) => Partial<Omit<Brought, "source">>,
): void {
  store.setState((before) => {
    const now = broughtTo(before, source);
    return { ...now, ...more(now), source };
  });
}

/** Assignments and measurements of other programs, to stand beside the mix. */
import { createStore, type StoreApi } from "zustand/vanilla";
import { perWorkbench } from "../../../../state/workbench.ts";
import type { MeasuredPoint } from "./points.ts";
import type { Candidate } from "./store.ts";

export interface Brought {
  /** Measured by other programs, on texts of their own. */
  logs: readonly MeasuredPoint[];
  /** Assignments of checkpoints that were opened beside this one. */
  files: readonly Candidate[];
}

export const broughtOf = perWorkbench<StoreApi<Brought>>(() => createStore<Brought>(() => ({ logs: [], files: [] })));

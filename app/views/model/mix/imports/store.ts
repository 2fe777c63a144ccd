/** What became of files that were brought, the last first. */
import { createStore, type StoreApi } from "zustand/vanilla";
import { perWorkbench } from "../../../../state/workbench.ts";

export interface Said {
  ok: boolean;
  words: string;
}

export const saidOf = perWorkbench<StoreApi<{ said: readonly Said[] }>>(() =>
  createStore<{ said: readonly Said[] }>(() => ({ said: [] })),
);

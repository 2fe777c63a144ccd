/** What the last sweep gave and what the one under way has given so far. */
import { createStore, type StoreApi } from "zustand/vanilla";
import type { SweepRecipe } from "../../../kernels/sweep/index.ts";
import type { SweepPoint, SweepRequest } from "../../../workers/jobs/sweep/request.ts";
import type { Progress } from "../../../workers/pace/progress.ts";
import { perWorkbench } from "../../state/workbench.ts";
import type { Sweep } from "./state.ts";

export interface SweptTensor {
  name: string;
  shape: number[];
  elements: number;
}

/** Points with the very request that made them. */
export interface SweepRun {
  key: string;
  request: SweepRequest;
  /** As in the request, in its order. */
  tensors: SweptTensor[];
  /** Norms, biases and one-dimensional tensors that were asked for and left out. */
  small: readonly string[];
  recipes: readonly SweepRecipe[];
  /** In the notation, as it was when the run began. */
  grid: string;
  /** The variance of values that are drawn from a Gaussian about zero; left out for any others. */
  variance?: number;
  points: readonly SweepPoint[];
  notes: readonly string[];
  /** All points are there. */
  complete: boolean;
  seconds: number;
}

export interface SweepState {
  /** The run on the screen. */
  run: SweepRun | null;
  /** The run before, shown as old while the new one has not ended. */
  old: SweepRun | null;
  progress: Progress | null;
  /** Ends what is under way; null while nothing is. */
  job: AbortController | null;
  problem: string | null;
  /** Values a second that the last sweep long enough to tell went over; null before there was one. */
  rate: number | null;
  /** The sweep of the experiment that a run was last begun for: what a link brings begins by itself once. */
  begun: Sweep | null;
}

export type SweepStore = StoreApi<SweepState>;

/** A page's sweeps. */
export const sweepStoreOf = perWorkbench<SweepStore>(() =>
  createStore<SweepState>(() => ({
    run: null,
    old: null,
    progress: null,
    job: null,
    problem: null,
    rate: null,
    begun: null,
  })),
);

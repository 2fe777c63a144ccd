/** Reports of A and B. What is wanted and what is shown are kept apart: the old result stays, marked, until the new one is there. */
import { createStore } from "zustand/vanilla";
import type { Remedy } from "../../kernels/grammar/errors.ts";
import type { Report } from "../../kernels/measure/report.ts";
import { matrixKey } from "../../workers/runs/identity.ts";
import type { RunRequest } from "../../workers/runs/target.ts";
import type { Side } from "./types.ts";

/** A report with the very request that made it. */
export interface Shown {
  key: string;
  request: RunRequest;
  report: Report;
}

export interface SideResult {
  /** Key of the request whose result should be on the screen; `null` while there is nothing to ask for. */
  wanted: string | null;
  shown: Shown | null;
  running: boolean;
  /** Why there is no result of what is wanted. */
  problem: string | null;
  /** What that names as ways out. */
  remedies: readonly Remedy[];
  /** Whether the same may come to another end when it is asked for again: it was cancelled, or failed for no fault of the recipe's. */
  again: boolean;
  /** A text that cannot be read stands in the recipe's field: what is shown is of the recipe before. */
  draft: boolean;
}

export interface ResultsState {
  a: SideResult;
  b: SideResult;
}

export const noResult: SideResult = {
  wanted: null,
  shown: null,
  running: false,
  problem: null,
  remedies: [],
  again: false,
  draft: false,
};

export const createResultsStore = () => createStore<ResultsState>(() => ({ a: noResult, b: noResult }));

export function setSide(store: ReturnType<typeof createResultsStore>, side: Side, patch: Partial<SideResult>): void {
  store.setState((state) => ({ [side]: { ...state[side], ...patch } }));
}

/** The shown result is of something else than what is asked for. */
export function isStale(result: SideResult): boolean {
  return result.shown !== null && (result.draft || result.shown.key !== result.wanted);
}

export const sameTarget = (a: Shown, b: Shown): boolean => matrixKey(a.request.target) === matrixKey(b.request.target);

/** The results that may stand side by side: where A and B are of different tensors, only the one that is up to date. */
export function comparable({ a, b }: ResultsState): { a: Shown | null; b: Shown | null } {
  if (!a.shown || !b.shown || sameTarget(a.shown, b.shown)) return { a: a.shown, b: b.shown };
  return isStale(a) ? { a: null, b: b.shown } : { a: a.shown, b: null };
}

/** The problem of a result that was not waited for. */
export const CANCELLED = "Cancelled.";

/** Bytes of the arrays in a report: profiles, maps, histograms. */
function reportBytes(report: object): number {
  let sum = 0;
  for (const value of Object.values(report)) {
    if (ArrayBuffer.isView(value)) sum += value.byteLength;
    else if (typeof value === "object" && value !== null) sum += reportBytes(value);
  }
  return sum;
}

/** The reports made last, so that undo and swaps answer at once. Those of large tensors are megabytes each. */
export class ReportCache {
  private readonly kept = new Map<string, Shown>();
  private readonly most: number;
  private readonly budget: number;
  private bytes = 0;

  constructor(most = 32, budget = 2 ** 26) {
    this.most = most;
    this.budget = budget;
  }

  get(key: string): Shown | undefined {
    const found = this.kept.get(key);
    if (found) {
      this.kept.delete(key);
      this.kept.set(key, found);
    }
    return found;
  }

  put(shown: Shown): void {
    this.drop(shown.key);
    this.kept.set(shown.key, shown);
    this.bytes += reportBytes(shown.report);
    for (const key of this.kept.keys()) {
      if (this.kept.size <= 1 || (this.kept.size <= this.most && this.bytes <= this.budget)) break;
      this.drop(key);
    }
  }

  private drop(key: string): void {
    const found = this.kept.get(key);
    if (!found) return;
    this.bytes -= reportBytes(found.report);
    this.kept.delete(key);
  }
}

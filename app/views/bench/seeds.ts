/** Tries other seeds of A and B once their results are there, in the background, and keeps what came of it. */
import { useEffect } from "react";
import { createStore } from "zustand/vanilla";
import { isBroken } from "../../../kernels/measure/metrics/reading.ts";
import type { WorkbenchClient } from "../../../workers/client/index.ts";
import type { SweepPoint, SweepRequest } from "../../../workers/jobs/sweep/request.ts";
import { begin } from "../../state/busy.ts";
import { type ResultsState, type Shown, sameTarget } from "../../state/results.ts";
import type { Runner } from "../../state/runs.ts";
import { standingOf } from "../../state/standing.ts";
import { perWorkbench, useWorkbench } from "../../state/workbench.ts";
import type { SeedSpread } from "./seededRecipes.ts";

/** Whoever turns a control is not waited on by seeds of what was there a moment ago. */
const AFTER_MS = 500;
/** Values that seeds are tried on at most: more of them are sampled. */
export const SEED_VALUES = 2 ** 20;
const KEPT = 16;

export interface SeedsState {
  /** The two results that it is about; null for none. */
  key: string | null;
  status: "none" | "running" | "done" | "stopped";
  spread: SeedSpread | null;
}

const NONE: SeedsState = { key: null, status: "none", spread: null };

export const seedsKey = (a: Shown, b: Shown): string => `${a.key} ${b.key}`;

/** A and B where their seeds are worth a try: both up to date, on one tensor, with figures that can be compared. */
function comparedOf({ a, b }: ResultsState): { a: Shown; b: Shown } | null {
  if (standingOf(a) !== "current" || standingOf(b) !== "current" || !a.shown || !b.shown) return null;
  const fit = [a.shown, b.shown].every(({ report: { metrics } }) => metrics.sqnrDb !== null && !isBroken(metrics));
  return fit && sameTarget(a.shown, b.shown) && a.shown.report.recipe !== b.shown.report.recipe
    ? { a: a.shown, b: b.shown }
    : null;
}

/** Canonical recipes name every seed. */
const drawsAny = (...shown: Shown[]): boolean => shown.some(({ report }) => report.recipe.includes("seed="));

/** What tries seeds is loaded when there are some. */
const loadSeeds = () => import("./seededRecipes.ts");

/** Every recipe once, and which of them are A's and B's seeds. */
function recipesOf(
  { seededRecipes }: Awaited<ReturnType<typeof loadSeeds>>,
  { a, b }: { a: Shown; b: Shown },
): { recipes: string[]; a: number[]; b: number[] } | null {
  const [ofA, ofB] = [seededRecipes(a.request), seededRecipes(b.request)];
  if (!ofA && !ofB) return null;
  const all = [...(ofA ?? [a.request.recipe]), ...(ofB ?? [b.request.recipe])];
  const first = ofA?.length ?? 1;
  return { recipes: all, a: all.slice(0, first).map((_, i) => i), b: all.slice(first).map((_, i) => first + i) };
}

export class Seeds {
  readonly store = createStore<SeedsState>(() => NONE);
  private readonly kept = new Map<string, SeedSpread>();
  private timer: ReturnType<typeof setTimeout> | undefined;
  private job: AbortController | null = null;
  private seen = false;

  constructor(
    private readonly client: WorkbenchClient,
    private readonly runs: Runner,
  ) {
    runs.store.subscribe(() => this.follow());
  }

  /** Whether anybody sees what seeds say: nothing is tried while nobody does. */
  watch(seen: boolean): void {
    this.seen = seen;
    this.follow();
  }

  get running(): boolean {
    return this.store.getState().status === "running";
  }

  /** Stops what is being tried; the verdict then speaks of the one seed. False where nothing is. */
  cancel(): boolean {
    if (!this.running) return false;
    this.end();
    this.store.setState({ status: "stopped" });
    return true;
  }

  private end(): void {
    clearTimeout(this.timer);
    this.job?.abort();
    this.job = null;
  }

  private follow(): void {
    const compared = this.seen ? comparedOf(this.runs.store.getState()) : null;
    const key = compared && seedsKey(compared.a, compared.b);
    if (key === this.store.getState().key) return;
    this.end();
    if (!compared || key === null || !drawsAny(compared.a, compared.b)) {
      this.store.setState({ ...NONE, key });
      return;
    }
    const known = this.kept.get(key);
    if (known) {
      this.store.setState({ key, status: "done", spread: known });
      return;
    }
    this.store.setState({ key, status: "running", spread: null });
    const job = new AbortController();
    this.job = job;
    const idle = begin();
    job.signal.addEventListener("abort", idle);
    this.timer = setTimeout(() => {
      void this.tryOut(key, compared, job.signal).then((spread) => {
        idle();
        if (this.job !== job) return;
        this.job = null;
        if (spread) this.keep(key, spread);
        this.store.setState({ status: spread ? "done" : "none", spread });
      });
    }, AFTER_MS);
  }

  private keep(key: string, spread: SeedSpread): void {
    this.kept.set(key, spread);
    for (const old of this.kept.keys()) {
      if (this.kept.size <= KEPT) break;
      this.kept.delete(old);
    }
  }

  /** Null where a seed gave no figure, or it was cancelled. */
  private async tryOut(key: string, { a, b }: { a: Shown; b: Shown }, signal: AbortSignal): Promise<SeedSpread | null> {
    const seeds = await loadSeeds().catch(() => null);
    const plan = seeds && recipesOf(seeds, { a, b });
    if (!plan || signal.aborted) return null;
    const { target: own, definitions, backend } = a.request;
    // A recipe that computes its results does not say what those are given to the other.
    const given = own.given ?? b.request.target.given;
    const target = given ? { ...own, given } : own;
    const { rows, cols } = a.report.matrix;
    const elements = rows * cols;
    const sampled = elements > SEED_VALUES;
    const sweep: SweepRequest = {
      targets: [sampled ? { ...target, sample: SEED_VALUES } : target],
      recipes: plan.recipes,
      definitions,
      phases: 0,
      backend,
    };
    const found: (number | null)[] = plan.recipes.map(() => null);
    const take = (points: SweepPoint[]) => {
      for (const { recipe, metrics } of points) {
        found[recipe] = metrics && !isBroken(metrics) ? metrics.sqnrDb : null;
      }
    };
    try {
      await this.client.sweep(sweep, { signal, onPoints: take });
    } catch {
      return null;
    }
    if (this.store.getState().key !== key) return null;
    const of = (indices: number[]) => indices.map((i) => found[i]);
    return seeds.seedSpread(of(plan.a), of(plan.b), sampled);
  }
}

/** A page's seeds, made when the Bench is first seen. */
export const seedsOf = perWorkbench((w) => new Seeds(w.client, w.runs));

/** Tries seeds for as long as this is drawn. */
export function useSeeds(): void {
  const seeds = seedsOf(useWorkbench());
  useEffect(() => {
    seeds.watch(true);
    return () => seeds.watch(false);
  }, [seeds]);
}

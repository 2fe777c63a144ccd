/** Keeps the results of A and B in step with the experiment: asks the workers, cancels what is no longer wanted. */
import { createStore } from "zustand/vanilla";
import { RecipeError } from "../../kernels/grammar/errors.ts";
import type { WorkbenchClient } from "../../workers/client/index.ts";
import { findTensor, sourceOf } from "../../workers/layouts/address.ts";
import type { Progress } from "../../workers/pace/progress.ts";
import { requestKey } from "../../workers/runs/identity.ts";
import type { RunRequest } from "../../workers/runs/target.ts";
import type { SourceInfo } from "../../workers/sources/info.ts";
import { track } from "./busy.ts";
import type { CalibrationKeeper } from "./calibration.ts";
import type { Experiment } from "./experiment.ts";
import { type LargeTensors, SAMPLE_VALUES } from "./large.ts";
import { isAbort, messageOf } from "./notices.ts";
import { givenOf, type OthersKeeper } from "./others.ts";
import { CANCELLED, createResultsStore, isStale, noResult, ReportCache, setSide } from "./results.ts";
import type { SourceKeeper } from "./source.ts";
import type { Timeline } from "./timeline.ts";
import type { Side } from "./types.ts";

export const sides: readonly Side[] = ["a", "b"];

/** What to ask the workers for, or null where there is no such tensor, or what is given is not open yet. */
export function requestFor(
  experiment: Experiment,
  info: SourceInfo | null,
  side: Side,
  others?: OthersKeeper,
  large?: LargeTensors,
  calibration?: CalibrationKeeper,
): RunRequest | null {
  const tensor = info ? findTensor(info, experiment.tensor) : undefined;
  if (!info || !tensor || tensor.problem) return null;
  const view = experiment.view ?? tensor.view;
  const from = givenOf(experiment[side]);
  const waiting = from !== null && others?.store.getState().list[from];
  if (waiting && waiting.status !== "open") return null;
  // What is being opened is soon there: a run without it would be for nothing.
  const beside = calibration ? calibration.beside(experiment) : {};
  if (!beside) return null;
  const extent = large?.extentOf(info, tensor, experiment.sample);
  if (extent === "nothing") return null;
  const sample = extent === "sample" ? SAMPLE_VALUES : undefined;
  const given = from === null ? undefined : others?.given({ ...tensor, view });
  return {
    target: {
      source: sourceOf(info, tensor),
      tensor: tensor.name,
      view,
      ...(sample && { sample }),
      ...(given && { given }),
      ...beside,
    },
    recipe: experiment[side],
    definitions: experiment.definitions,
    backend: experiment.look.backend,
  };
}

export class Runner {
  readonly store = createResultsStore();
  /** How far jobs are: told many times a second, so that only who shows it listens. */
  readonly progress = createStore<Record<Side, Progress | null>>(() => ({ a: null, b: null }));
  private readonly cache = new ReportCache();
  private readonly jobs: Record<Side, AbortController | null> = { a: null, b: null };

  constructor(
    private readonly client: WorkbenchClient,
    private readonly timeline: Timeline,
    private readonly source: SourceKeeper,
    private readonly others: OthersKeeper,
    private readonly large: LargeTensors,
    private readonly calibration: CalibrationKeeper,
  ) {
    timeline.subscribe(() => this.follow());
    others.store.subscribe(() => this.follow());
    calibration.store.subscribe(() => this.follow());
    large.store.subscribe(({ decided }, before) => decided !== before.decided && this.follow());
    source.store.subscribe(() => this.follow());
    // What is on the screen can still be zoomed and inspected: its source is closed after it, not before.
    this.store.subscribe(({ a, b }) =>
      source.closeUnused([a, b].flatMap(({ shown }) => (shown ? [shown.request.target.source] : []))),
    );
  }

  private follow(): void {
    const { info, status, ref } = this.source.store.getState();
    const { experiment } = this.timeline.getState();
    // While another source opens, what is on the screen stays there, marked as old by the source's own status.
    if (status === "opening" && info) return;
    const current = status === "open" && ref !== null ? info : null;
    if (!current) this.large.forget();
    const requests = sides.map((side) =>
      requestFor(experiment, current, side, this.others, this.large, this.calibration),
    );
    sides.forEach((side, i) => void this.want(side, requests[i]));
    // What was decided is part of the experiment: whoever opens its link sees as much.
    // Not before all have heard of the change itself, which is a step of the browser's history.
    const asked = requests.find((request) => request !== null);
    const sample = asked?.target.sample !== undefined;
    if (asked && experiment.sample !== sample)
      queueMicrotask(() => this.timeline.settle((e) => (e === experiment ? { ...e, sample } : e)));
  }

  private want(side: Side, request: RunRequest | null): void {
    const now = this.store.getState()[side];
    if (!request) {
      this.jobs[side]?.abort();
      this.jobs[side] = null;
      if (now.wanted !== null || now.shown) setSide(this.store, side, { ...noResult, draft: now.draft });
      return;
    }
    const key = requestKey(request);
    if (key !== now.wanted) void this.run(side, key, request);
  }

  private async run(side: Side, key: string, request: RunRequest): Promise<void> {
    this.jobs[side]?.abort();
    const kept = this.cache.get(key);
    if (kept) {
      this.jobs[side] = null;
      setSide(this.store, side, {
        wanted: key,
        shown: kept,
        running: false,
        problem: null,
        remedies: [],
        again: false,
      });
      return;
    }
    const job = new AbortController();
    this.jobs[side] = job;
    this.progress.setState({ [side]: null });
    setSide(this.store, side, {
      wanted: key,
      running: true,
      problem: null,
      remedies: [],
      again: false,
    });
    const current = () => this.jobs[side] === job;
    try {
      const report = await track(
        this.client.call("run", request, {
          signal: job.signal,
          side: side.toUpperCase(),
          onProgress: (progress) => {
            if (current()) this.progress.setState({ [side]: progress });
          },
        }),
      );
      const done = { key, request, report };
      this.cache.put(done);
      if (current()) setSide(this.store, side, { shown: done, running: false });
    } catch (error) {
      if (!current()) return;
      setSide(this.store, side, {
        running: false,
        problem: isAbort(error) ? CANCELLED : messageOf(error),
        remedies: error instanceof RecipeError ? error.remedies : [],
        again: !(error instanceof RecipeError),
      });
    }
  }

  /** Says that the recipe's field holds a text that cannot be read. */
  setDraft(side: Side, draft: boolean): void {
    if (this.store.getState()[side].draft !== draft) setSide(this.store, side, { draft });
  }

  get running(): boolean {
    const { a, b } = this.store.getState();
    return a.running || b.running;
  }

  /** Stops what runs; the old results stay, marked. */
  cancel(): void {
    for (const side of sides) {
      const job = this.jobs[side];
      if (!job || !this.store.getState()[side].running) continue;
      this.jobs[side] = null;
      job.abort();
      setSide(this.store, side, { running: false, problem: CANCELLED, remedies: [], again: true });
    }
  }

  /** Asks again for whatever has no result. */
  again(): void {
    this.large.reconsider();
    const { info } = this.source.store.getState();
    for (const side of sides) {
      const result = this.store.getState()[side];
      const { experiment } = this.timeline.getState();
      const request = requestFor(experiment, info, side, this.others, this.large, this.calibration);
      if (request && !result.running && (isStale(result) || !result.shown))
        void this.run(side, requestKey(request), request);
    }
  }
}

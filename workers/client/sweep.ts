/**
 * A sweep spread over the workers. The client cuts the recipes into batches, small at first and then as many as take a
 * tenth of a second, and gives each worker the next one when it is done with the last.
 */

import { aborted } from "../errors/abort.ts";
import { UserError } from "../errors/user-error.ts";
import type { SweepPoint, SweepReply, SweepRequest, SweepSummary } from "../jobs/sweep/request.ts";
import type { Progress } from "../pace/progress.ts";
import type { Pool } from "./pool.ts";

export interface SweepOptions {
  /** Rejects the sweep with an AbortError at once and stops the work behind it within 100 ms. */
  signal?: AbortSignal;
  /** Called with the points of a batch as soon as they are known, some ten times a second, in no particular order. */
  onPoints?(points: SweepPoint[]): void;
  /** In recipes: each counts once a target. */
  onProgress?(progress: Progress): void;
}

/** What a batch should take: the time between two pictures of the frontier. */
const BATCH_MS = 100;
/** A GPU goes over its tensor once for hundreds of recipes; a processor never gets near this many in that time. */
const MAX_BATCH = 256;

/** Recipes [from, to) over one target. */
interface Batch {
  target: number;
  from: number;
  to: number;
}

/** Hands out batches in order, one target after the other. */
class Queue {
  readonly #request: SweepRequest;
  #target = 0;
  #next = 0;

  constructor(request: SweepRequest) {
    this.#request = request;
  }

  /** At most `size` recipes, fewer towards the end of a target so that all workers end together. */
  take(size: number, workers: number): Batch | null {
    const { targets, recipes } = this.#request;
    if (this.#target === targets.length) return null;
    const left = recipes.length - this.#next;
    const from = this.#next;
    const to = from + Math.min(left, Math.max(1, Math.min(size, Math.ceil(left / (2 * workers)))));
    const batch = { target: this.#target, from, to };
    this.#next = to;
    if (to === recipes.length) {
      this.#target++;
      this.#next = 0;
    }
    return batch;
  }
}

export async function sweepOver(pool: Pool, request: SweepRequest, options: SweepOptions): Promise<SweepSummary> {
  const { targets, recipes } = request;
  const total = targets.length * recipes.length;
  if (total === 0) throw new UserError("A sweep needs a tensor and a recipe at least.");
  const start = performance.now();
  const queue = new Queue(request);
  const notes = new Set<string>();
  // What ends one worker's loop ends the others'.
  const stop = new AbortController();
  const signal = options.signal ? AbortSignal.any([options.signal, stop.signal]) : stop.signal;
  const summary: SweepSummary = { points: 0, failed: 0, seconds: 0, notes: [] };

  const give = ({ target, from }: Batch, reply: SweepReply) => {
    if (options.signal?.aborted) throw aborted();
    const points = reply.points.map((point, i) => ({ ...point, target, recipe: from + i }));
    for (const note of reply.notes) notes.add(note);
    summary.points += points.length;
    summary.failed += points.filter((point) => point.error !== null).length;
    options.onPoints?.(points);
    options.onProgress?.({ done: summary.points, total, unit: "recipes", phase: "sweeping" });
  };

  const work = (worker: number, { target, from, to }: Batch): Promise<SweepReply> => {
    const { definitions, phases, backend, fallBack } = request;
    const part = { target: targets[target], recipes: recipes.slice(from, to), definitions, phases, backend, fallBack };
    return pool.call("sweep", part, { side: `sweep ${worker}`, signal });
  };
  /** A batch whose worker died is cut in two, until it is known which recipe it was. */
  const run = async (worker: number, batch: Batch): Promise<void> => {
    const { target, from, to } = batch;
    let reply: SweepReply;
    try {
      reply = await work(worker, batch);
    } catch (error) {
      if (error instanceof Error && error.name === "AbortError") throw error;
      if (to - from > 1) {
        const middle = (from + to) >> 1;
        await run(worker, { target, from, to: middle });
        return run(worker, { target, from: middle, to });
      }
      const message = error instanceof Error ? error.message : String(error);
      const point = { text: recipes[from], metrics: null, measured: null, phase: null, backend: null, error: message };
      reply = { points: [point], notes: [] };
    }
    give(batch, reply);
  };

  const loop = async (worker: number): Promise<void> => {
    let size = 1;
    for (let batch = queue.take(size, pool.size); batch; batch = queue.take(size, pool.size)) {
      const before = performance.now();
      await run(worker, batch);
      const each = Math.max(0.1, (performance.now() - before) / (batch.to - batch.from));
      // Grown gently: the next recipes may be dearer.
      size = Math.max(1, Math.min(MAX_BATCH, 4 * size, Math.round(BATCH_MS / each)));
    }
  };

  options.onProgress?.({ done: 0, total, unit: "recipes", phase: "sweeping" });
  const loops = Array.from({ length: Math.min(pool.size, total) }, (_, worker) => loop(worker));
  try {
    await Promise.all(loops);
  } catch (error) {
    stop.abort();
    await Promise.allSettled(loops);
    throw options.signal?.aborted ? aborted() : error;
  }
  summary.seconds = (performance.now() - start) / 1000;
  summary.notes = [...notes];
  return summary;
}

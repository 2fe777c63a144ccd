/** Scores on all cores: this thread begins at once, others join when they have started, and each takes some tensors at a time. */
import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import type { OpenCalibration } from "../calibration/open.ts";
import { UserError } from "../errors/user-error.ts";
import type { ScoresRequest, TensorScores } from "../scores/types.ts";
import { scoreTensors } from "../scores/work.ts";
import type { OpenSource } from "../sources/open.ts";
import type { ScoreOrder, ScoreReply, ScoreThreadData } from "./score-thread.ts";

/** Tensors that a thread is given at a time, at most. */
const BATCH = 16;

export interface ScoreRun extends ScoreThreadData {
  source: OpenSource;
  inputs: OpenCalibration | null;
  /** Threads in all; null: a core each, but one for what is read over the network. */
  threads: number | null;
  /** Tensors times recipes: for few of them no thread is worth its start. */
  work: number;
}

/** Below this one thread is done before another has started. */
const WORTH_THREADS = 256;

/** Threads that stand ready for several runs; `end` ends them. */
export class ScoreThreads {
  readonly #run: ScoreRun;
  readonly #workers: Worker[];

  constructor(run: ScoreRun) {
    this.#run = run;
    const remote = run.source.info.address !== undefined;
    const { argument, calibration, work } = run;
    const threads = run.threads ?? (remote || work < WORTH_THREADS ? 1 : availableParallelism());
    this.#workers = Array.from({ length: threads - 1 }, () => startThread({ argument, calibration }));
  }

  /**
   * Scores tensors by name, each given as soon as it is known. Rejects with UserError where the source gives out, or with AbortError; what
   * was given stays.
   */
  async score(
    request: ScoresRequest,
    tensors: readonly string[],
    give: (scores: TensorScores) => void,
    signal: AbortSignal,
  ): Promise<void> {
    const stop = new AbortController();
    const either = AbortSignal.any([signal, stop.signal]);
    const workers = 1 + this.#workers.length;
    let next = 0;
    const take = (): string[] => {
      const size = Math.max(1, Math.min(BATCH, Math.ceil((tensors.length - next) / (2 * workers))));
      const names = tensors.slice(next, next + size);
      next += names.length;
      return names;
    };
    const guarded = (scores: TensorScores) => {
      if (!either.aborted) give(scores);
    };
    const loop = async (work: (names: string[]) => Promise<void>) => {
      for (let names = take(); names.length > 0 && !either.aborted; names = take()) await work(names);
    };
    const { source, inputs } = this.#run;
    const control = { signal: either, progress() {}, give: guarded };
    const loops = [
      loop((names) => scoreTensors(source, inputs, { ...request, tensors: names }, control)),
      ...this.#workers.map((worker) => loop((names) => ask(worker, { request, tensors: names }, guarded, either))),
    ];
    try {
      await Promise.all(loops);
    } catch (error) {
      stop.abort();
      await Promise.allSettled(loops);
      throw error;
    }
    signal.throwIfAborted();
  }

  end(): void {
    for (const worker of this.#workers) void worker.terminate();
  }
}

function startThread(workerData: ScoreThreadData): Worker {
  const worker = new Worker(new URL("./score-thread.mjs", import.meta.url), { execArgv: [], workerData });
  worker.unref();
  return worker;
}

/** An order to a thread, and all of its replies. */
function ask(
  worker: Worker,
  order: ScoreOrder,
  give: (scores: TensorScores) => void,
  signal: AbortSignal,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const end = (settle: () => void) => {
      worker.off("message", hear);
      worker.off("error", failed);
      worker.off("exit", ended);
      signal.removeEventListener("abort", cancel);
      worker.unref();
      settle();
    };
    const cancel = () => end(() => reject(signal.reason));
    const failed = (error: Error) => end(() => reject(error));
    const ended = () => end(() => reject(new UserError("A thread that scored tensors stopped.")));
    const hear = (reply: ScoreReply) => {
      if ("scores" in reply) give(reply.scores);
      else if ("done" in reply) end(resolve);
      else end(() => reject(reply.forPerson ? new UserError(reply.failed) : new Error(reply.failed)));
    };
    worker.ref();
    worker.on("message", hear);
    worker.on("error", failed);
    worker.on("exit", ended);
    signal.addEventListener("abort", cancel, { once: true });
    worker.postMessage(order);
  });
}

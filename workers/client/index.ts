/**
 * The one way from the page to the workers. Every call is typed, can be cancelled by an AbortSignal, and ends: with a
 * result, with an AbortError (a DOMException of that name), with a UserError or RecipeError for the person, or with
 * the error of a worker that died. Nothing here cancels an older call because a newer one came; signals decide.
 */
import type { KeepRequest } from "../jobs/keep/index.ts";
import type { SweepRequest, SweepSummary } from "../jobs/sweep/request.ts";
import type { AnswerOf, JobName, PartOf, RequestOf } from "../jobs/table.ts";
import { mergeWindows } from "../jobs/window/merge.ts";
import type { WindowReply, WindowRequest } from "../jobs/window/window.ts";
import type { Target } from "../runs/target.ts";
import type { ScoresRequest } from "../scores/types.ts";
import type { SourceInfo } from "../sources/info.ts";
import type { OpenSpec } from "../sources/spec.ts";
import type { TensorSummary } from "../tensors/summary.ts";
import { keepErrorsWhole } from "../wire/wire.ts";
import type { LoadWasm } from "./lane.ts";
import { type CallOptions, type PartOptions, Pool } from "./pool.ts";
import type { ScoresOptions } from "./scores.ts";
import { type SweepOptions, sweepOver } from "./sweep.ts";
import { type Spawn, spawnWorker } from "./thread.ts";
import { Turns } from "./turns.ts";

export type { CallOptions, ScoresOptions, SweepOptions };

/** Jobs that are asked for through a method: several workers have a part in them, or they wait for each other. */
type Managed = "open" | "close" | "keep" | "scores" | "summarize" | "sweep" | "window";
export type Callable = Exclude<JobName, Managed>;

export interface WorkbenchClient {
  /** Asks for a job by its name, in the worker that has most of what it needs at hand. */
  call<N extends Callable>(name: N, request: RequestOf<N>, options?: PartOptions<PartOf<N>>): Promise<AnswerOf<N>>;
  /** Opens a source, or a calibration, under a new id; it stays open, through crashes of workers too, until `close`. */
  open(spec: OpenSpec, options?: Pick<CallOptions, "signal">): Promise<SourceInfo>;
  /** Closes it in every worker. */
  close(source: string): Promise<void>;
  /** Lets every worker let go of what takes much memory and is not looked at. It is no failure where one of them cannot. */
  keep(request: KeepRequest): Promise<void>;
  /** One at a time in each worker: a list of a thousand tensors asks for as many, and runs come through between them. */
  summarize(target: Target, options?: CallOptions): Promise<TensorSummary>;
  /** A recipe that was not run yet is run first. Recipes of several workers are merged into one reply. */
  window(request: WindowRequest, options?: CallOptions): Promise<WindowReply>;
  /**
   * Every recipe over every target, spread over the workers. Resolves when all points were given, with failures among
   * them; rejects with AbortError when cancelled (points given stay valid), and with UserError for an empty request.
   */
  sweep(request: SweepRequest, options?: SweepOptions): Promise<SweepSummary>;
  /**
   * Scores of the tensors that a plan names, spread over the workers. Resolves when all were given; rejects with AbortError when cancelled
   * and with UserError where the source gives out, and what was given stays.
   */
  scores(request: ScoresRequest, tensors: readonly string[], options?: ScoresOptions): Promise<void>;
  /** Ends the workers; calls under way and later ones reject with an AbortError. */
  dispose(): void;
}

export interface ClientOptions {
  /** Workers at most; they are started when there is work for them. Default: the cores, but 2 to 4. */
  size?: number;
  /** How a thread is started; tests give their own. */
  spawn?: Spawn;
}

export function createClient({ size = usualWorkers(), spawn = spawnWorker }: ClientOptions = {}): WorkbenchClient {
  keepErrorsWhole();
  const pool = new Pool(size, spawn, compileWasm);
  const summaries = new Turns(size);
  return {
    call: (name, request, options) => pool.call(name, request, options),
    open: (spec, options = {}) => pool.open(spec, options.signal),
    close: (source) => pool.close(source),
    keep: (request) => pool.everywhere("keep", request),
    summarize: (target, options = {}) =>
      summaries.take(options.signal, () => pool.call("summarize", { target }, options)),
    async window({ recipes, ...request }, options) {
      const parts = recipes.map((recipe) => pool.call("window", { ...request, recipe }, options));
      return mergeWindows(await Promise.all(parts));
    },
    sweep: (request, options = {}) => sweepOver(pool, request, options),
    scores: async (request, tensors, options = {}) =>
      (await import("./scores.ts")).scoresOver(pool, request, tensors, options),
    dispose: () => pool.dispose(),
  };
}

/** Compiles the kernels where the workers' own first use of them would be one compilation each. */
const compileWasm: LoadWasm = async () => {
  try {
    return await (await import("../../kernels/backends/wasm/module.ts")).loadWasm();
  } catch {
    return null;
  }
};

/** How many workers a page starts. */
export function usualWorkers(): number {
  return Math.max(2, Math.min(4, navigator.hardwareConcurrency || 2));
}

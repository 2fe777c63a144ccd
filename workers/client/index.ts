/**
 * The one way from the page to the workers. Every call is typed, can be cancelled by an AbortSignal, and ends: with a
 * result, with an AbortError (a DOMException of that name), with a UserError or RecipeError for the person, or with
 * the error of a worker that died. Nothing here cancels an older call because a newer one came; signals decide.
 */
import type { Inspection, LinearHistogram, Report } from "../../kernels/report/report.ts";
import type { BackendVerdict } from "../backends/verdict.ts";
import type { ExportRequest } from "../export/arrays.ts";
import type { FileDone, FilePlan, FileRequest } from "../export/request.ts";
import type { ValueRange } from "../jobs/entering.ts";
import { mergeWindows } from "../jobs/merge-windows.ts";
import type { SweepRequest, SweepSummary } from "../jobs/sweep-types.ts";
import type { WindowReply, WindowRequest } from "../jobs/window.ts";
import type { StoredFigures } from "../layouts/stored-figures.ts";
import type { Progress } from "../pace/progress.ts";
import type { RunRequest, Target } from "../runs/target.ts";
import type { Sample as SampleInfo } from "../samples/list.ts";
import type { SourceInfo } from "../sources/info.ts";
import type { AccessToken, GeneratorInfo, RemoteListing, SourceSpec } from "../sources/spec.ts";
import type { TensorSummary } from "../tensors/summary.ts";
import { keepErrorsWhole } from "../wire/wire.ts";
import type { LoadWasm } from "./lane.ts";
import { Pool } from "./pool.ts";
import { type SweepOptions, sweepOver } from "./sweep.ts";
import { type Spawn, spawnWorker } from "./thread.ts";
import { Turns } from "./turns.ts";

export interface CallOptions {
  /** Rejects the call with an AbortError at once and stops the work behind it within 100 ms. */
  signal?: AbortSignal;
}

export interface JobOptions extends CallOptions {
  /** At most some twenty times a second; never after the call has settled. */
  onProgress?(progress: Progress): void;
  /** "A", "B" ...: jobs of different sides run on different workers, those of one side stay where its tensor is. */
  side?: string;
}

export type { SweepOptions };

export interface WorkbenchClient {
  /** What an address leads to: one file, or the checkpoints of a repository. */
  list(address: string, token: AccessToken | null, options?: CallOptions): Promise<RemoteListing>;
  /** Opens a source under a new id; it stays open, through crashes of workers too, until `close`. */
  open(spec: SourceSpec, options?: CallOptions): Promise<SourceInfo>;
  close(source: string): Promise<void>;
  /**
   * Lets the workers let go of what takes much memory, but for these runs and their tensors; with `all` for every decoded tensor.
   * It is no failure where one of them cannot.
   */
  keep(runs: readonly RunRequest[], decoded: "all" | "theirs"): Promise<void>;
  summarize(target: Target, options?: CallOptions): Promise<TensorSummary>;
  /** The same request again is answered from a small cache. */
  run(request: RunRequest, options?: JobOptions): Promise<Report>;
  /** A recipe that was not run yet is run first. Recipes of several workers are merged into one reply. */
  window(request: WindowRequest, options?: CallOptions): Promise<WindowReply>;
  inspect(run: RunRequest, row: number, col: number, options?: CallOptions): Promise<Inspection>;
  /** What a sample of a quantized weight shows: its codes and scales, and how plausible its readings are. */
  stored(target: Target, options?: CallOptions): Promise<StoredFigures>;
  histogram(target: Target, lo: number, hi: number, bins: number, options?: CallOptions): Promise<LinearHistogram>;
  /** The same of the values that enter the recipe's quantizer; `null` for all of them, in the bins of a report. */
  entering(run: RunRequest, range: ValueRange | null, options?: CallOptions): Promise<LinearHistogram>;
  /** An npy file; scales of several levels are an npz (the blob's type is then `application/zip`). */
  export(request: ExportRequest, options?: JobOptions): Promise<Blob>;
  /** Rejects with UserError or RecipeError where the file cannot be written. */
  planFile(request: FileRequest, options?: CallOptions): Promise<FilePlan>;
  /** `handle` is where a person wants the file; `null` gives it back as a Blob. A cancelled one leaves no file behind. */
  saveFile(request: FileRequest, handle: FileSystemFileHandle | null, options?: JobOptions): Promise<FileDone>;
  /**
   * Every recipe over every target, spread over the workers. Resolves when all points were given, with failures among
   * them; rejects with AbortError when cancelled (points given stay valid), and with UserError for an empty request.
   */
  sweep(request: SweepRequest, options?: SweepOptions): Promise<SweepSummary>;
  backends(): Promise<BackendVerdict>;
  generators(): Promise<GeneratorInfo[]>;
  samples(): Promise<SampleInfo[]>;
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
  // A list of a thousand tensors asks for as many summaries; each worker gets one at a time, so that runs come through.
  const summaries = new Turns(size);

  const client: WorkbenchClient = {
    list: (address, accessToken, options = {}) =>
      pool.dispatch(options, (remote, token) => remote.list(address, accessToken, token)),
    open: (spec, options = {}) => pool.open(spec, options.signal),
    close: (source) => pool.close(source),
    keep: (runs, decoded) => pool.everywhere((remote) => remote.keep(runs, decoded)),
    summarize: (target, options = {}) =>
      summaries.take(options.signal, () =>
        pool.dispatch({ ...at(target), ...options }, (remote, token) => remote.summarize(target, token)),
      ),
    run: (request, options = {}) =>
      pool.dispatch({ ...at(request.target), run: runKey(request), ...options }, (remote, token) =>
        remote.run(request, token),
      ),
    async window(request, options = {}) {
      const { target, definitions } = request;
      const parts = request.recipes.map((recipe) =>
        pool.dispatch({ ...at(target), run: runKey({ target, recipe, definitions }), ...options }, (remote, token) =>
          remote.window({ ...request, recipes: [recipe] }, token),
        ),
      );
      return mergeWindows(await Promise.all(parts));
    },
    inspect: (run, row, col, options = {}) =>
      pool.dispatch({ ...at(run.target), run: runKey(run), ...options }, (remote, token) =>
        remote.inspect(run, row, col, token),
      ),
    stored: (target, options = {}) =>
      pool.dispatch({ ...at(target), ...options }, (remote, token) => remote.stored(target, token)),
    histogram: (target, lo, hi, bins, options = {}) =>
      pool.dispatch({ ...at(target), ...options }, (remote, token) => remote.histogram(target, lo, hi, bins, token)),
    entering: (run, range, options = {}) =>
      pool.dispatch({ ...at(run.target), run: runKey(run), ...options }, (remote, token) =>
        remote.entering(run, range, token),
      ),
    export: (request, options = {}) =>
      pool.dispatch({ ...at(request.run.target), run: runKey(request.run), ...options }, (remote, token) =>
        remote.export(request, token),
      ),
    planFile: (request, options = {}) =>
      pool.dispatch({ source: request.source, ...options }, (remote, token) => remote.planFile(request, token)),
    saveFile: (request, handle, options = {}) =>
      pool.dispatch({ source: request.source, ...options }, (remote, token) => remote.saveFile(request, handle, token)),
    sweep: (request, options = {}) => sweepOver(pool, request, options),
    backends: () => pool.dispatch({}, (remote) => remote.backends()),
    generators: () => pool.dispatch({}, (remote) => remote.generators()),
    samples: () => pool.dispatch({}, (remote) => remote.samples()),
    dispose: () => pool.dispose(),
  };
  return client;
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

const at = (target: Target) => ({ source: target.source, target });

/** The backend is left out: a window is of a recipe, whatever computed it. */
function runKey({ target, recipe, definitions }: Pick<RunRequest, "target" | "recipe" | "definitions">): string {
  return JSON.stringify([target.source, target.tensor, target.view, recipe, definitions]);
}

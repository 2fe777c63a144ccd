/**
 * One worker and the calls under way in it. The worker is started by the first call and again after it died. comlink
 * loses calls in two ways, and the lane closes both: its proxy is held here as long as the worker lives
 * (GoogleChromeLabs/comlink#692), and every call also ends with the worker (#655).
 */
import { wrap } from "comlink";
import { aborted } from "../errors/abort.ts";
import { UserError } from "../errors/user-error.ts";
import type { AnswerOf, JobName, JobService, PartOf, RequestOf } from "../jobs/table.ts";
import type { Progress } from "../pace/progress.ts";
import type { SourceInfo } from "../sources/info.ts";
import type { OpenSpec } from "../sources/spec.ts";
import type { TensorInfo } from "../tensors/info.ts";
import { type Control, isControl } from "../wire/wire.ts";
import { Recent } from "./recent.ts";
import type { Spawn, Thread } from "./thread.ts";

/** How long a worker may take to acknowledge a cancelled call before it is replaced, where nothing else is said. */
const GRACE_MS = 500;
/** About as many as a worker's own cache of results holds. */
const REMEMBERED_RUNS = 8;

/** The kernels compiled once for all workers; null where this engine does not take them. */
export type LoadWasm = () => Promise<WebAssembly.Module | null>;

/** The worker was replaced because another call did not stop; this one had no part in that and may run again. */
export class Replaced extends Error {
  override name = "Replaced";
}

export interface Listening<Part = never> {
  signal?: AbortSignal;
  onProgress?(progress: Progress): void;
  onPart?(part: Part): void;
}

interface Call extends Pick<Listening<unknown>, "onProgress" | "onPart"> {
  fail(error: unknown): void;
}

interface Life {
  thread: Thread;
  remote: JobService;
  ready: Promise<void>;
}

let lastToken = 0;

export class Lane {
  /** Calls that want an answer: what the next call is weighed against. */
  load = 0;
  /** Keys of results that this worker has at hand, and of the tensors it works on; the pool names them. */
  readonly runs = new Recent(REMEMBERED_RUNS);
  readonly places = new Recent(4 * REMEMBERED_RUNS);

  readonly #spawn: Spawn;
  readonly #wasm: LoadWasm;
  readonly #grace: number;
  #life: Life | null = null;
  readonly #calls = new Map<number, Call>();
  readonly #sources = new Map<string, Promise<SourceInfo>>();

  constructor(spawn: Spawn, wasm: LoadWasm, grace = GRACE_MS) {
    this.#spawn = spawn;
    this.#wasm = wasm;
    this.#grace = grace;
  }

  get started(): boolean {
    return this.#life !== null;
  }

  holds(source: string): boolean {
    return this.#sources.has(source);
  }

  /** Opens the source in this worker unless it is open. A failure is not remembered: the next call tries again. */
  hold(source: string, spec: OpenSpec, signal?: AbortSignal): Promise<SourceInfo> {
    const known = this.#sources.get(source);
    if (known) return known;
    const opening = this.#open(source, spec, signal);
    this.#sources.set(source, opening);
    opening.catch(() => {
      if (this.#sources.get(source) === opening) this.#sources.delete(source);
    });
    return opening;
  }

  /** A long list of tensors comes in parts, so that the page can answer between them. */
  async #open(source: string, spec: OpenSpec, signal?: AbortSignal): Promise<SourceInfo> {
    const parts: TensorInfo[][] = [];
    const info = await this.call("open", { spec, id: source }, { signal, onPart: (part) => parts.push(part) });
    return parts.length === 0 ? info : { ...info, tensors: parts.flat() };
  }

  async release(source: string): Promise<void> {
    if (!this.#sources.delete(source)) return;
    await this.call("close", { source }, {});
  }

  /** Asks for a job. Rejects with AbortError as soon as the signal is raised, whatever the worker does. */
  call<N extends JobName>(
    name: N,
    request: RequestOf<N>,
    { signal, onProgress, onPart }: Listening<PartOf<N>>,
  ): Promise<AnswerOf<N>> {
    if (signal?.aborted) return Promise.reject(aborted());
    const life = this.#start();
    const id = ++lastToken;
    return new Promise<AnswerOf<N>>((resolve, reject) => {
      const end = () => {
        signal?.removeEventListener("abort", cancel);
        this.#calls.delete(id);
      };
      const fail = (error: unknown) => {
        end();
        reject(error);
      };
      const call: Call = { fail, onProgress, onPart: onPart as Call["onPart"] };
      // The call stays listed until the worker answers: that is what `#cancel` waits for.
      const cancel = () => {
        call.onProgress = undefined;
        reject(aborted());
        this.#cancel(life, id);
      };
      this.#calls.set(id, call);
      signal?.addEventListener("abort", cancel, { once: true });
      life.remote.call(name, request, { id }).then((value) => {
        end();
        resolve(value);
      }, fail);
    });
  }

  /** Ends the worker; calls under way reject with `error`. The next call starts a new worker. */
  stop(error: unknown): void {
    this.#life?.thread.terminate();
    this.#life = null;
    this.#sources.clear();
    this.runs.clear();
    for (const call of [...this.#calls.values()]) call.fail(error);
  }

  #start(): Life {
    if (this.#life) return this.#life;
    const thread = this.#spawn();
    const ready = new Promise<void>((resolve) => {
      thread.endpoint.addEventListener("message", (event) => {
        const data: unknown = (event as MessageEvent).data;
        if (!isControl(data)) return;
        if (data.control === "ready") resolve();
        if (data.control === "part") this.#calls.get(data.token)?.onPart?.(data.part);
        if (data.control === "progress") this.#calls.get(data.token)?.onProgress?.(data.progress);
      });
    });
    const life: Life = { thread, remote: wrap(thread.endpoint) as unknown as JobService, ready };
    thread.onFailure((cause) => {
      if (this.#life === life) this.stop(crashed(cause));
    });
    this.#life = life;
    this.#wasm().then((module) => {
      if (this.#life !== life) return;
      const message: Control = { control: "wasm", module };
      thread.endpoint.postMessage(message);
    });
    return life;
  }

  #cancel(life: Life, id: number): void {
    const message: Control = { control: "cancel", token: id };
    life.thread.endpoint.postMessage(message);
    // A worker that still loads its modules cannot answer yet: time runs from when it can.
    life.ready.then(() =>
      setTimeout(() => {
        if (this.#life === life && this.#calls.has(id)) this.stop(new Replaced());
      }, this.#grace),
    );
  }
}

function crashed(cause: string): UserError {
  return new UserError(
    `The worker that computed this stopped (${cause}). It starts again with the next request; ` +
      "if this one comes back to the same end, the tensor is probably too large for the memory a tab may use.",
  );
}

/**
 * Several lanes behind one door. Chooses the worker for a call, opens the source there first, and makes the call again
 * elsewhere when its worker was replaced because of another call.
 */

import { abortable, aborted } from "../errors/abort.ts";
import type { Place } from "../jobs/job.ts";
import type { AnswerOf, JobName, PartOf, RequestOf } from "../jobs/table.ts";
import type { Progress } from "../pace/progress.ts";
import { matrixKey, resultKey } from "../runs/identity.ts";
import type { Target } from "../runs/target.ts";
import type { SourceInfo } from "../sources/info.ts";
import type { OpenSpec } from "../sources/spec.ts";
import { Lane, type LoadWasm, Replaced } from "./lane.ts";
import type { Spawn } from "./thread.ts";

/** What is known of a call when its worker is chosen. */
interface Errand {
  source?: string;
  target?: Target;
  /** The name of an open calibration. */
  calibration?: string;
  side?: string;
  /** Names a result; the worker that has it is asked first. */
  run?: string;
  /** Whether it runs a language model. */
  model?: boolean;
  signal?: AbortSignal;
}

export interface CallOptions {
  /** Rejects the call with an AbortError at once and stops the work behind it within 100 ms. */
  signal?: AbortSignal;
  /** At most some twenty times a second; never after the call has settled. */
  onProgress?(progress: Progress): void;
  /** "A", "B" ...: jobs of different sides run on different workers, those of one side stay where its tensor is. */
  side?: string;
}

/** For a job that gives its answer in parts. */
export interface PartOptions<Part> extends CallOptions {
  /** Never after the call has settled. */
  onPart?(part: Part): void;
}

/** Jobs that run a language model. They have a worker of their own, which holds the model: others stay free meanwhile. */
const OF_MODELS: ReadonlySet<JobName> = new Set<JobName>([
  ...(["lm", "lmPlan", "continuation", "attention", "capture"] as const),
  ...(["sensitivity", "sensitivityPlan", "measureMixes", "proxies"] as const),
]);
/** A layer of a large model takes a while on a processor, and whoever replaces its worker reads all of it again. */
const MODEL_GRACE_MS = 20_000;

export class Pool {
  readonly #lanes: Lane[];
  readonly #models: Lane;
  readonly #specs = new Map<string, OpenSpec>();
  #opened = 0;
  #disposed = false;

  constructor(size: number, spawn: Spawn, wasm: LoadWasm) {
    this.#lanes = Array.from({ length: size }, () => new Lane(spawn, wasm));
    this.#models = new Lane(spawn, wasm, MODEL_GRACE_MS);
  }

  get #all(): Lane[] {
    return [...this.#lanes, this.#models];
  }

  get size(): number {
    return this.#lanes.length;
  }

  /** How many workers may share what is asked of a source: what is read over the network is read by one. */
  sharing(source: string): number {
    return this.#specs.get(source)?.kind === "url" ? 1 : this.size;
  }

  async open(spec: OpenSpec, signal?: AbortSignal): Promise<SourceInfo> {
    const id = `s${++this.#opened}`;
    this.#specs.set(id, spec);
    try {
      return await this.#onLane({ signal }, (lane) => lane.hold(id, spec, signal));
    } catch (error) {
      this.#specs.delete(id);
      throw error;
    }
  }

  /** Closes the source in every worker that has it open. */
  async close(source: string): Promise<void> {
    this.#specs.delete(source);
    await Promise.allSettled(this.#all.map((lane) => lane.release(source)));
  }

  /** Asks the worker that suits the request best. */
  call<N extends JobName>(name: N, request: RequestOf<N>, options: PartOptions<PartOf<N>> = {}): Promise<AnswerOf<N>> {
    const errand = { ...placeOf(request), side: options.side, signal: options.signal, model: OF_MODELS.has(name) };
    return this.#onLane(errand, async (lane) => {
      // Noted beforehand, so that what is asked next of the same result goes where it is being made.
      if (errand.target) lane.places.touch(placeKey(errand.target, errand.side));
      if (errand.run !== undefined) lane.runs.touch(errand.run);
      const { given = [] } = errand.target ?? {};
      const beside = given.flatMap((g) => (g ? [g.source] : [])).concat(errand.calibration ?? []);
      for (const source of errand.source === undefined ? beside : [errand.source, ...beside]) {
        const spec = this.#specs.get(source);
        // An unknown source goes to the worker all the same, which says so.
        if (spec) await abortable(lane.hold(source, spec), options.signal);
      }
      return lane.call(name, request, options);
    });
  }

  /** Tells every worker that runs; failures are theirs. */
  async everywhere<N extends JobName>(name: N, request: RequestOf<N>): Promise<void> {
    const started = this.#all.filter((lane) => lane.started);
    await Promise.allSettled(started.map((lane) => lane.call(name, request, {})));
  }

  dispose(): void {
    this.#disposed = true;
    for (const lane of this.#all) lane.stop(aborted("The workers were closed."));
  }

  async #onLane<T>(errand: Errand, use: (lane: Lane) => Promise<T>): Promise<T> {
    for (;;) {
      if (this.#disposed) throw aborted("The workers were closed.");
      if (errand.signal?.aborted) throw aborted();
      const lane = this.#choose(errand);
      lane.load++;
      try {
        return await use(lane);
      } catch (error) {
        if (!(error instanceof Replaced)) throw error;
      } finally {
        lane.load--;
      }
    }
  }

  /**
   * The lane with the least cost. A worker that has the result wins; then free ones; among them the one that did the
   * same side of the same tensor, and rather not one that does another side of it.
   */
  #choose({ source, target, side, run, model }: Errand): Lane {
    if (model) return this.#models;
    // What is read over the network is read once: its calls wait for each other in the worker that has it open.
    if (source !== undefined && this.#specs.get(source)?.kind === "url") {
      const holder = this.#lanes.find((lane) => lane.holds(source));
      if (holder) return holder;
    }
    const own = target && placeKey(target, side);
    const tensor = target && placeKey(target, "");
    const cost = (lane: Lane): number => {
      let sum = 8 * lane.load;
      if (run !== undefined && lane.runs.has(run)) sum -= 64;
      if (own !== undefined && lane.places.has(own)) sum -= 4;
      else if (side !== undefined && lane.places.some((place) => place.startsWith(tensor!))) sum += 3;
      // What is asked of a tensor beside its recipes is asked where it is decoded: elsewhere it would be once more.
      else if (side === undefined && tensor !== undefined && lane.places.some((place) => place.startsWith(tensor)))
        sum -= 12;
      if (source !== undefined && lane.holds(source)) sum -= 1;
      if (lane.started) sum -= 0.5;
      return sum;
    };
    return this.#lanes.reduce((best, lane) => (cost(lane) < cost(best) ? lane : best));
  }
}

/** What a request speaks of. Most recipes do not take what is given beside the tensor, which is therefore left out. */
function placeOf({ source, target, recipe, calibration, definitions = [] }: Place): Errand {
  if (!target) return { source, ...(calibration !== undefined && { calibration }) };
  const run = recipe === undefined ? undefined : resultKey(matrixKey(target), recipe, definitions);
  const known = target.calibration;
  return { source: target.source, target, run, ...(known !== undefined && { calibration: known }) };
}

/** A tensor and its reading, then the side, so that keys of one tensor start alike. */
const placeKey = (target: Target, side = ""): string => matrixKey(target) + side;

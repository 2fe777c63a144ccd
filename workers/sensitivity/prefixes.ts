/**
 * Windows on their way through the model as it is: what they are before each layer, so that a changed weight costs the layers from it on.
 */
import type { Hidden, Loaded } from "../../kernels/network/index.ts";
import { windowKey } from "../lm/resident.ts";
import type { Of, RunningModel } from "../models/running.ts";
import { MEMORY_LIMIT } from "../runs/memory.ts";
import type { Ground } from "./ground.ts";

/** Bytes of windows before layers that are kept at the most: all layers of small models, every few of large ones. */
const KEPT_BYTES = 2 ** 28;

/** From one layer whose windows are kept to the next, and the bytes that this takes: within what the budget leaves beside the weights. */
export function keptPrefixes({ setup, work, budget }: Ground): { every: number; bytes: number } {
  const { layers, width } = setup.model.architecture;
  const one = work.cut.windows.reduce((sum, { tokens }) => sum + 4 * width * tokens.length, 0);
  const most = Math.min(KEPT_BYTES, Math.max(0, (budget ?? MEMORY_LIMIT) - work.plan.bytesHeld));
  // The first windows, those behind the last layer and those on their way are there in any case.
  const every = Math.min(layers, Math.max(1, Math.ceil((layers * one) / Math.max(one, most - 2 * one))));
  return { every, bytes: (2 + Math.ceil(layers / every)) * one };
}

/** Weights as they are stored: those that the running model holds where it fits, else read when they are taken. */
export interface Weights {
  take(of: Of): Promise<Loaded>;
  /** The caller is done with them. */
  leave(one: Loaded): void;
}

export function weightsAt({ work, control }: Ground, running: RunningModel): Weights {
  if (!work.plan.streamed) return { take: (of) => running.held(of, control.signal), leave() {} };
  return { take: (of) => running.read(of, control.signal), leave: (one) => running.network.release(one) };
}

export class Prefixes {
  readonly #ground: Ground;
  readonly #running: RunningModel;
  readonly #weights: Weights;
  readonly #kept = new Map<number, Float32Array[]>();
  readonly #every: number;
  /** What was made last of what is not kept. */
  #last: { layer: number; windows: Float32Array[] } | null = null;

  private constructor(ground: Ground, running: RunningModel, weights: Weights) {
    this.#ground = ground;
    this.#running = running;
    this.#weights = weights;
    this.#every = keptPrefixes(ground).every;
  }

  /** Sends the windows through the model once. */
  static async start(ground: Ground, running: RunningModel, weights: Weights, ends: Loaded): Promise<Prefixes> {
    const { work } = ground;
    const { network } = running;
    const own = new Prefixes(ground, running, weights);
    const embedded: Float32Array[] = [];
    for (const { tokens } of work.cut.windows) {
      const hidden = await network.embed(ends, tokens);
      embedded.push(await network.read(hidden));
      network.release(hidden);
    }
    own.#kept.set(0, embedded);
    const finals = await own.#onward(0, ground.setup.model.architecture.layers);
    work.cut.windows.forEach((window, w) => {
      work.bench.finals.set(windowKey(work, window), finals[w]);
    });
    return own;
  }

  /** The windows before a layer; behind the last one where it is the number of layers. */
  async before(layer: number): Promise<Float32Array[]> {
    const known = this.#kept.get(layer);
    if (known) return known;
    if (this.#last?.layer !== layer) {
      const from = Math.max(...[...this.#kept.keys()].filter((at) => at < layer));
      this.#last = { layer, windows: await this.#onward(from, layer) };
    }
    return this.#last.windows;
  }

  async #onward(from: number, to: number): Promise<Float32Array[]> {
    const { network } = this.#running;
    const { work, setup } = this.#ground;
    const { windows } = work.cut;
    let now = this.#kept.get(from)!;
    for (let layer = from; layer < to; layer++) {
      const weights = await this.#weights.take(layer);
      const next: Float32Array[] = [];
      for (const [w, { tokens }] of windows.entries()) {
        const start = performance.now();
        const hidden = await network.write(now[w], tokens.length);
        const after = await network.layer(layer, weights, hidden);
        next.push(await network.read(after));
        network.release(hidden);
        network.release(after);
        const seconds = (setup.model.architecture.layers * (performance.now() - start)) / 1000;
        work.bench.measured(work.plan.device, seconds / tokens.length);
        await work.pace();
      }
      this.#weights.leave(weights);
      now = next;
      const last = layer + 1 === setup.model.architecture.layers;
      if (last || (layer + 1) % this.#every === 0) this.#kept.set(layer + 1, now);
    }
    return now;
  }

  /** A window before a layer on the device, for the caller to release. */
  async write(layer: number, window: number): Promise<Hidden> {
    const values = (await this.before(layer))[window];
    return this.#running.network.write(values, this.#ground.work.cut.windows[window].tokens.length);
  }
}

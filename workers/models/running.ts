/** A model on a machine that computes it. Its weights as they are stored lie there once, whoever runs it. */
import type { Loaded, Network } from "../../kernels/network/index.ts";
import { abortable } from "../errors/abort.ts";
import type { Model } from "./model.ts";

export type Of = number | "ends";

export class RunningModel {
  readonly model: Model;
  readonly network: Network;
  readonly #held = new Map<Of, Promise<Loaded>>();

  #turn: Promise<unknown> = Promise.resolve();
  #lost = false;

  constructor(model: Model, network: Network) {
    this.model = model;
    this.network = network;
  }

  /** Runs `work` when nobody else uses the network, whose calls come one after the other. */
  alone<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    const done = this.#turn.then(() => {
      signal.throwIfAborted();
      return work();
    });
    this.#turn = done.catch((error: unknown) => {
      if (error instanceof Error && error.name === "NetworkLostError") this.#lost = true;
    });
    return done;
  }

  /** The weights of a layer, or of the ends, as they are stored: read when they are first asked for, and held. */
  held(of: Of, signal: AbortSignal): Promise<Loaded> {
    const known = this.#held.get(of);
    if (known) return abortable(known, signal);
    const loading = this.read(of, signal);
    this.#held.set(of, loading);
    loading.catch(() => {
      if (this.#held.get(of) === loading) this.#held.delete(of);
    });
    return loading;
  }

  /** The same, for the caller to release. */
  async read(of: Of, signal: AbortSignal): Promise<Loaded> {
    return this.network.load(of, await this.model.weights(of, signal));
  }

  /** Whether its device was lost under somebody's work. */
  get lost(): boolean {
    return this.#lost;
  }

  /** Whether all of it is held. */
  get whole(): boolean {
    return this.#held.size === this.model.architecture.layers + 1;
  }

  /** Gives up what is held. */
  async forget(): Promise<void> {
    const held = [...this.#held.values()];
    this.#held.clear();
    for (const one of await Promise.allSettled(held)) if (one.status === "fulfilled") this.network.release(one.value);
  }

  end(): void {
    this.#held.clear();
    this.network.end();
  }
}

/** The machines that compute a model: one at a time, which holds its weights, and others that come and go. */
import type { NetworkOptions } from "../../kernels/network/index.ts";
import type { Model } from "./model.ts";
import { RunningModel } from "./running.ts";

type Device = NetworkOptions["device"];

export class ModelMachines {
  readonly #model: Model;
  readonly #gpu: GPU | null;
  #now: { device: Device; running: Promise<RunningModel> } | null = null;

  /** `gpu` is what WebGPU there is. */
  constructor(model: Model, gpu: GPU | null) {
    this.#model = model;
    this.#gpu = gpu;
  }

  /** The model on a device. One that it was on before ends. Rejects with NetworkLostError where the device is not there. */
  async running(device: Device): Promise<RunningModel> {
    if (this.#now?.device === device) {
      const running = await this.#now.running.catch(() => null);
      if (running && !running.lost) return running;
    }
    await this.end();
    const now = { device, running: this.#open(device) };
    this.#now = now;
    return now.running;
  }

  /** A machine beside it that adds every sum in another order. Whoever asks ends it. */
  other(device: Device): Promise<RunningModel> {
    return this.#open(device, "other");
  }

  async end(): Promise<void> {
    const now = this.#now;
    this.#now = null;
    await now?.running.then(
      (running) => running.end(),
      () => {},
    );
  }

  async #open(device: Device, order: NetworkOptions["order"] = "usual"): Promise<RunningModel> {
    const { openNetwork } = await import("../../kernels/network/index.ts");
    const gpu = device === "webgpu" && this.#gpu ? { gpu: this.#gpu } : {};
    return new RunningModel(this.#model, await openNetwork(this.#model.architecture, { device, order, ...gpu }));
  }
}

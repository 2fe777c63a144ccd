import type { Packed } from "../../kernels/signals/latency/packed.ts";

/** A product that can be timed. */
export interface TimedProduct {
  /** Milliseconds of so many products one after the other. */
  time(products: number): Promise<number>;
  /** What the last one gave. */
  product(): Promise<Float32Array>;
  close(): void;
}

/** What computes products, and tells the time. */
export interface LatencyMachine {
  name: "webgpu" | "wasm";
  device: string;
  readonly clock: "GPU timestamps" | "wall time";
  /** Bytes that a matrix may take. */
  limit: number;
  load(packed: Packed, token: Float32Array): Promise<TimedProduct>;
  close(): void;
}

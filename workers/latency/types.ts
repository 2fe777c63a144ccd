/** How long this device takes for a layer's product, one token at a time: plain data. */
import type { Width } from "../../kernels/signals/latency/packed.ts";

export interface LatencyRequest {
  /** Matrices as [rows, columns] = [outputs, inputs]; each is timed once. */
  shapes: [number, number][];
  widths: Width[];
  /** Null: the GPU where there is one, else the processor. */
  machine: "webgpu" | "wasm" | null;
  /** Measurements of which the median is taken. */
  runs?: number;
}

export interface Timing {
  rows: number;
  cols: number;
  width: Width;
  /** Milliseconds of one product: the median of the runs, and their quartiles. */
  median: number;
  lower: number;
  upper: number;
  /** Products that each run timed at once, since clocks are coarse. */
  products: number;
  /** Rows that were timed, fewer than `rows` where the whole does not fit; the time is then in proportion. */
  rowsTimed: number;
}

export interface LatencyAnswer {
  machine: "webgpu" | "wasm";
  /** The adapter, or "the processor, one thread". */
  device: string;
  clock: "GPU timestamps" | "wall time";
  timings: Timing[];
  /** Shapes and widths that could not be timed, and why. */
  failed: { rows: number; cols: number; width: Width; why: string }[];
  /** What was timed, on what: a sentence that stands beside every figure. */
  about: string;
}

export const USUAL_RUNS = 20;

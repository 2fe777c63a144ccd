import type { Calibration } from "../calibration/types.ts";
import type { Backend } from "./backend.ts";

/** What a run is given beside a plan and a source. */
export interface QuantizeOptions {
  /** What is known of the inputs that the matrix meets; null or left out where nothing is. */
  calibration?: Calibration | null;
  backend: Backend;
  /** Called often; returns or throws (an AbortError) quickly. Also the place to yield to other messages. */
  checkpoint(done: number, total: number, phase: string): Promise<void>;
  /** Milliseconds; kernels have no clock of their own. */
  now(): number;
  /** Most elements a tile may hold; a multiple of a whole block is used. Default 2^22. */
  tileElements?: number;
  /** Whether the stored scales and zero points may be left for `complete` to find, which lets a report be ready sooner. */
  scalesLater?: boolean;
}

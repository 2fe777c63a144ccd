import type { Calibration } from "../calibration/types.ts";
import type { Definition, Recipe } from "../grammar/ast.ts";
import type { Backend } from "./backend.ts";

/** How activations are quantized: by a recipe for tokens x inputs, rows being tokens. */
export interface ActivationsRecipe {
  recipe: Recipe;
  definitions: Definition[];
  /**
   * `dynamic`: scales come from the values that they scale, when these come. `static`: they come from the least and largest value of each
   * channel over the whole calibration, and stay.
   */
  scales: "dynamic" | "static";
}

/** What a run is given beside a plan and a source. */
export interface QuantizeOptions {
  /** What is known of the inputs that the matrix meets; null or left out where nothing is. */
  calibration?: Calibration | null;
  /** How activations are quantized beside the weight; needs a calibration with whole rows. Left out: not at all. */
  activations?: ActivationsRecipe | null;
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

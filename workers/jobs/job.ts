import type { JobControl } from "../pace/pace.ts";
import type { Target } from "../runs/target.ts";
import type { Workbench } from "../workbench/workbench.ts";

/**
 * What of a request says which worker should do it: the source, tensor or result that it speaks of may be at hand in one of
 * them. A request that names none of these goes to any.
 */
export interface Place {
  source?: string;
  target?: Target;
  /** Without a target: the name of an open calibration. */
  calibration?: string;
  /** With a target: the result of this recipe. */
  recipe?: string;
  definitions?: string[];
}

/** How a job stays reachable, tells how far it is, and gives what it has so far. */
export interface PartControl<Part = never> extends JobControl {
  /** Sends a part of the answer on its way: a browser reads much in one message for long, and much in several in between. */
  give(part: Part): void;
}

/**
 * What a worker does when it is asked. Failures for the person are UserErrors or RecipeErrors. Work of more than 100 ms looks
 * at `control.signal` in between (`workers/pace`).
 */
export interface Job<Request extends Place, Answer, Part = never> {
  work(request: Request, workbench: Workbench, control: PartControl<Part>): Promise<Answer>;
  /** Arrays of the answer that go over rather than being copied: nothing here looks at them again. */
  transfers?(answer: Answer): readonly (ArrayBufferView | null)[];
}

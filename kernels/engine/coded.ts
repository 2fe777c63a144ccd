import type { Accumulator } from "../measure/accumulator.ts";
import type { Report } from "../measure/report.ts";
import type { Plan } from "../plan/plan.ts";
import type { ScaleSummary } from "../scales/summary.ts";
import type { Bits } from "../steps/step.ts";
import type { Layer } from "./layers.ts";
import type { Quantized } from "./types.ts";

/** What the quantizer inside all layers gave. */
export interface Coded {
  /** Row-major, in the space of the quantizer. */
  quantized: Float32Array;
  counts: Pick<Accumulator, "codes" | "saturated" | "flushed">;
  summary: ScaleSummary;
  poisoned: number;
  bits: Bits[];
  notes?: string[];
  /** The plan as the values settled it, where a rule leaves that to them: its blocks, levels and bits count. */
  settled?: Plan;
  /** Values that are stored aside, innermost of all layers. */
  aside?: Layer;
  /** The means to look at it, with the report of the whole. */
  look(report: Report): Quantized;
}

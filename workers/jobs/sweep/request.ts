import type { CalibrationUse } from "../../../kernels/calibration/index.ts";
import type { Measured } from "../../../kernels/measure/measured.ts";
import type { BackendName } from "../../../kernels/report/report.ts";
import type { SweepMetrics } from "../../../kernels/sweep/index.ts";
import type { PhaseBand } from "../../../kernels/sweep/phase.ts";
import type { Target } from "../../runs/target.ts";

/**
 * Many recipes over one tensor or several, figures only. The recipes come from `expandSweep` (kernels/sweep), which also
 * says beforehand how many there are and which combinations of a grid make no sense.
 */
export interface SweepRequest {
  targets: Target[];
  recipes: string[];
  definitions: string[];
  /**
   * For recipes whose scales are powers of two: at how many places inside an octave the error is measured (the data times
   * 2^(k/phases)). 0 for none.
   */
  phases: number;
  /** `null` lets the worker choose. */
  backend: BackendName | null;
  /**
   * Whether a tensor that some steps of a recipe do not fit is quantized without them; the point then says what was done
   * instead. Else it gives no figures.
   */
  fallBack?: boolean;
}

/** What one recipe did to one tensor, or why it could not. */
export interface SweepPoint {
  /** Index into the targets and the recipes of the request. */
  target: number;
  recipe: number;
  /** Canonical; as it was given where it could not be read. */
  text: string;
  metrics: SweepMetrics | null;
  /** What the metrics are made of, null with them: from it come the figures of several tensors as one. */
  measured: Measured | null;
  /** Where phases were asked for, and the recipe has them. */
  phase: PhaseBand | null;
  backend: BackendName | null;
  /** A sentence for the person; then there are no metrics. */
  error: string | null;
  /** The recipe that the figures are of where some steps of this one do not fit the tensor, canonical, and why they do not. */
  instead?: { text: string; reason: string };
}

export interface SweepSummary {
  /** Points given, and those of them that are errors. */
  points: number;
  failed: number;
  seconds: number;
  /** Things to tell once: values rounded on reading, a backend that was passed over. */
  notes: string[];
}

/** A part of a sweep for one worker: some recipes over one tensor. */
export interface SweepPart extends Pick<SweepRequest, "definitions" | "phases" | "backend" | "fallBack"> {
  target: Target;
  recipes: string[];
}

/** The points of a part, in the order of its recipes. */
export interface SweepReply {
  points: Omit<SweepPoint, "target" | "recipe">[];
  notes: string[];
  /** Where what is known of the inputs comes from; absent without a calibration. */
  calibration?: CalibrationUse;
}

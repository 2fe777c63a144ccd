import type { Model } from "../models/model.ts";
import { checkpointFor, type JobControl } from "../pace/pace.ts";
import type { CaptureOptions } from "./capture.ts";
import type { CapturePlan } from "./plan.ts";

/** A backward pass of a layer takes as long as so many forward ones. */
const BACKWARD = 3;

export interface CaptureProgress {
  enter(layer: number | "ends", what?: string): void;
  /** Tokens that passed a layer. */
  passed(tokens: number): Promise<void>;
  /** Looks at whoever cancels. */
  pace(): Promise<void>;
}

/** How far a capture is, in tokens that pass a layer. */
export function startProgress(
  { architecture }: Pick<Model, "architecture">,
  { layers }: CapturePlan,
  { windows, quantize, gradients }: Pick<CaptureOptions, "windows" | "quantize" | "gradients">,
  control: JobControl,
): CaptureProgress {
  const tokens = windows.reduce((sum, window) => sum + window.tokens.length, 0);
  const forward = layers.reduce(
    (sum, { layer, passes }) => sum + passes.length * (quantize && layer !== "ends" ? 2 : 1) + (quantize ? 1 : 0),
    0,
  );
  const total = tokens * (forward + (gradients ? BACKWARD * architecture.layers : 0));
  const checkpoint = checkpointFor(control, "tokens");
  let phase = "";
  let done = 0;
  const pace = () => checkpoint(Math.min(done, total), total, phase);
  return {
    enter(layer, what = "layer") {
      phase = layer === "ends" ? "the head" : `${what} ${layer + 1} of ${architecture.layers}`;
    },
    async passed(count) {
      done += count;
      await pace();
    },
    pace,
  };
}

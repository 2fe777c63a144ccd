import type { QuantizeOptions } from "../backends/options.ts";
import type { Calibration } from "../calibration/types.ts";
import { RecipeError } from "../grammar/errors.ts";
import type { MatrixSource } from "../matrix/source.ts";
import { buildReport } from "../measure/build.ts";
import { hasLayers } from "../plan/layers.ts";
import type { Plan } from "../plan/plan.ts";
import { summaryOf } from "../scales/summary.ts";
import { calibrationOfQuantizer, checkCalibration, paceOf } from "./calibrated.ts";
import { saidDiverged, saidUnweighted } from "./importance.ts";
import { quantizedOf, runQuantizer } from "./run.ts";
import type { Quantized } from "./types.ts";

/** A report in one pass where the backend can. What that takes is loaded for those alone that do: GPUs. */
async function inOnePass(source: MatrixSource, plan: Plan, options: QuantizeOptions): Promise<Quantized | null> {
  if (!options.backend.measure) return null;
  const { quantizeAtOnce } = await import("./at-once.ts");
  return quantizeAtOnce(source, plan, options);
}

/**
 * Sends a matrix through a plan and reports what that did to it, and to the outputs where a calibration is given. Rejects with
 * RecipeError where the matrix or the calibration does not suit the plan, and as `checkpoint` and the source do.
 */
export async function quantizeMatrix(source: MatrixSource, plan: Plan, options: QuantizeOptions): Promise<Quantized> {
  const { calibration = null } = options;
  checkCalibration(plan, calibration, source.name);
  const quantized = await quantizeValues(source, plan, options, calibration);
  if (!calibration) {
    if (!options.activations) return quantized;
    throw new RecipeError("a recipe for activations needs a calibration: a file of activations");
  }
  const { withOutputs } = await import("./outputs.ts");
  const quantize = (tokens: MatrixSource, own: Plan, how: QuantizeOptions) => quantizeValues(tokens, own, how, null);
  return withOutputs(source, quantized, calibration, options, quantize);
}

/** The same without a look at the outputs. */
async function quantizeValues(
  source: MatrixSource,
  plan: Plan,
  options: QuantizeOptions,
  calibration: Calibration | null,
): Promise<Quantized> {
  if (hasLayers(plan)) {
    // Loaded when a recipe first has layers: most have none.
    const { quantizeInLayers } = await import("./quantize-layers.ts");
    return quantizeInLayers(source, plan, options);
  }
  const start = options.now();
  const atOnce = options.scalesLater ? await inOnePass(source, plan, options) : null;
  if (atOnce) {
    const later = { ...options, scalesLater: false };
    return { ...atOnce, complete: () => quantizeValues(source, plan, later, calibration) };
  }
  const behind = plan.uses ? await calibrationOfQuantizer(plan, calibration, paceOf(options)) : null;
  const run = await runQuantizer(source, plan, { ...options, calibration: behind });
  const seconds = (options.now() - start) / 1000;
  const { backend } = options;
  const said = saidUnweighted(plan, behind);
  const noted = { ...said, notes: [...said.notes, ...saidDiverged(plan, run.statistics)] };
  const report = buildReport(source, noted, summaryOf(run.scales), run.poisoned, run.into, backend.name, seconds);
  return quantizedOf(source, plan, backend, run, report);
}

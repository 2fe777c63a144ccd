import type { QuantizeOptions } from "../backends/options.ts";
import type { MatrixSource } from "../matrix/source.ts";
import { buildReport } from "../measure/build.ts";
import { hasLayers } from "../plan/layers.ts";
import type { Plan } from "../plan/plan.ts";
import { summaryOf } from "../scales/summary.ts";
import { calibrationOfQuantizer, checkCalibration, paceOf } from "./calibrated.ts";
import { quantizedOf, runQuantizer } from "./run.ts";
import type { Quantized } from "./types.ts";

/** A report in one pass where the backend can. What that takes is loaded for those alone that do: GPUs. */
async function inOnePass(source: MatrixSource, plan: Plan, options: QuantizeOptions): Promise<Quantized | null> {
  if (!options.backend.measure) return null;
  const { quantizeAtOnce } = await import("./at-once.ts");
  return quantizeAtOnce(source, plan, options);
}

/**
 * Sends a matrix through a plan and reports what that did to it. Rejects with RecipeError where the matrix does not suit the plan, and
 * as `checkpoint` and the source do.
 */
export async function quantizeMatrix(source: MatrixSource, plan: Plan, options: QuantizeOptions): Promise<Quantized> {
  if (hasLayers(plan)) {
    // Loaded when a recipe first has layers: most have none.
    const { quantizeInLayers } = await import("./quantize-layers.ts");
    return quantizeInLayers(source, plan, options);
  }
  const { calibration = null } = options;
  checkCalibration(plan, calibration, source.name);
  const start = options.now();
  const atOnce = options.scalesLater ? await inOnePass(source, plan, options) : null;
  if (atOnce) return { ...atOnce, complete: () => quantizeMatrix(source, plan, { ...options, scalesLater: false }) };
  const behind = plan.uses ? await calibrationOfQuantizer(plan, calibration, paceOf(options)) : null;
  const run = await runQuantizer(source, plan, { ...options, calibration: behind });
  const seconds = (options.now() - start) / 1000;
  const { backend } = options;
  const report = buildReport(source, plan, summaryOf(run.scales), run.poisoned, run.into, backend.name, seconds);
  return quantizedOf(source, plan, backend, run, report);
}

import type { Backend } from "../backends/backend.ts";
import type { ActivationsRecipe, QuantizeOptions } from "../backends/options.ts";
import type { MatrixSweep, SweepTotals } from "../backends/sweep.ts";
import type { Calibration } from "../calibration/types.ts";
import { type Given, quantizeGiven } from "../engine/given.ts";
import { quantizeMatrix } from "../engine/quantize.ts";
import { scaled } from "./run.ts";

/**
 * Sweeps recipes where a calibration is given: one after the other, as reports are made, since every result is held against the inputs.
 * `backend` quantizes and measures; `given` has the results of recipes that take another program's.
 */
export function calibratedSweep(
  backend: Backend,
  { calibration, activations }: { calibration: Calibration; activations: ActivationsRecipe | null },
  given: Given | null = null,
): MatrixSweep {
  return {
    name: backend.name,
    refuses: (plan) => backend.refuses(plan),
    declines: async () => null,
    async totals(source, plans, factor, pace): Promise<SweepTotals[]> {
      const data = factor === 1 ? source : scaled(source, factor);
      const options: QuantizeOptions = { backend, calibration, activations, checkpoint: pace, now: () => 0 };
      const all: SweepTotals[] = [];
      for (const plan of plans) {
        const { report, plan: whole } = given
          ? await quantizeGiven(data, plan, given, options)
          : await quantizeMatrix(data, plan, options);
        const { sums, dead, outputs } = report.measured;
        all.push({ sums, dead, outputs, plan: whole });
      }
      return all;
    },
  };
}

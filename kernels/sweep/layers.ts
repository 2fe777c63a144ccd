import type { Backend } from "../backends/backend.ts";
import type { MatrixSweep, SweepTotals } from "../backends/sweep.ts";
import { runLayers } from "../engine/quantize-layers.ts";
import type { MatrixSource } from "../matrix/source.ts";
import { hasLayers } from "../plan/layers.ts";
import { scaled } from "./run.ts";

/**
 * Sweeps recipes whose steps look at values or mend results: one after the other, as reports are made, for their sums alone.
 * `backend` quantizes and measures.
 */
export function layeredSweep(backend: Backend): MatrixSweep {
  return {
    name: backend.name,
    refuses: (plan) => (hasLayers(plan) ? backend.refuses(plan) : "is for recipes with layers alone"),
    declines: async () => null,
    async totals(source: MatrixSource, plans, factor, pace): Promise<SweepTotals[]> {
      const data = factor === 1 ? source : scaled(source, factor);
      const all: SweepTotals[] = [];
      for (const plan of plans) {
        const run = await runLayers(data, plan, { backend, checkpoint: pace, now: () => 0 });
        all.push({ sums: run.into, dead: run.summary.dead, plan: run.plan });
      }
      return all;
    },
  };
}

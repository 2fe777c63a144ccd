/** Where the Bench's recipes lie on the chart: from the sweep where it has them, else from their own reports. */
import { useMemo } from "react";
import { inputsKeys, matrixKey } from "../../../workers/runs/identity.ts";
import type { Target } from "../../../workers/runs/target.ts";
import { isStale } from "../../state/results.ts";
import { sides } from "../../state/runs.ts";
import { useExperiment, useStoreOf, useWorkbench } from "../../state/workbench.ts";
import type { BenchMark } from "./FrontierChart.tsx";
import { type PlotPoint, plottedValue, type Scope } from "./points.ts";
import type { SweepMetric } from "./state.ts";
import type { SweepRun } from "./store.ts";

export function useBenchMarks(
  run: SweepRun | null,
  scope: Scope,
  points: readonly PlotPoint[],
  metric: SweepMetric,
  against: SweepMetric,
): readonly BenchMark[] {
  const { runs } = useWorkbench();
  const results = useStoreOf(runs.store, (s) => s);
  const a = useExperiment((e) => e.a);
  const b = useExperiment((e) => e.b);
  return useMemo(() => {
    if (!run) return [];
    const only = run.tensors.length === 1 ? 0 : scope;
    return sides.flatMap((side): BenchMark[] => {
      const recipe = side === "a" ? a : b;
      const result = results[side];
      const shown = isStale(result) ? null : result.shown;
      const names = [recipe, ...(shown ? [shown.report.recipe] : [])];
      const point = points.find(({ text }) => names.includes(text));
      const target = only === null ? null : run.request.targets[only];
      // A figure of other inputs is another figure.
      const about = (of: Target) => matrixKey(of) + inputsKeys(of).join();
      const own = shown && target && about(shown.request.target) === about(target) ? shown.report : null;
      const metrics = point?.metrics ?? own?.metrics;
      const value = metrics ? plottedValue(metric, metrics) : null;
      const other = metrics ? plottedValue(against, metrics) : null;
      return value !== null && other !== null ? [{ side, against: other, value }] : [];
    });
  }, [run, scope, points, metric, against, results, a, b]);
}

/** Many recipes over one tensor or several: a grid to choose, the frontier as it comes, every point in a table. */
import { useEffect, useMemo } from "react";
import { blockQuantizer } from "../../kernels/ggml/names.ts";
import type { SweepRecipe } from "../../kernels/sweep/index.ts";
import { readDefinitions } from "../controls/definitions.ts";
import { Split } from "../shell/Split.tsx";
import { useNarrow } from "../shell/useMedia.ts";
import type { SweepRun } from "../state/sweep.ts";
import { useExperiment, useStoreOf, useWorkbench } from "../state/workbench.ts";
import { usePlan } from "./plan.ts";
import { Results } from "./Results.tsx";
import { planRun, startSweep } from "./run.ts";
import { Setup } from "./Setup.tsx";

/** A sweep that quantizes no more values than this, a few seconds' work, begins by itself whenever it changes. */
const AT_ONCE = 1e8;

/** How many times as long as most a recipe takes, roughly: searches try again and again, and not all roundings have fast paths. */
function weightOf({ parts: { rule, base, rounding } }: SweepRecipe): number {
  if (/^(mse|shrink)/.test(rule)) return 0.4 * Number(/grid=(\d+)/.exec(rule)?.[1] ?? 100);
  return blockQuantizer(base) || !/^(rne|away|sr)/.test(rounding) ? 10 : 1;
}

/** Values to quantize, times over. */
const workOf = ({ tensors, recipes, request }: SweepRun): number =>
  tensors.reduce((sum, t) => sum + t.elements, 0) *
  recipes.reduce((sum, recipe) => sum + weightOf(recipe), 0) *
  Math.max(1, request.phases);

export function SweepView() {
  const w = useWorkbench();
  const experiment = useExperiment((e) => e);
  const info = useStoreOf(w.source.store, (s) => (s.status === "open" ? s.info : null));
  const { definitions } = readDefinitions(experiment.definitions);
  const planned = usePlan(experiment.sweep.grid, definitions);
  const narrow = useNarrow();
  const beside = useStoreOf(w.others.store, (s) => s.list);
  const decided = useStoreOf(w.large.store, (s) => s.decided);
  // biome-ignore lint/correctness/useExhaustiveDependencies: what is given changes with the list, samples with what was decided
  const next = useMemo(
    () => planRun(experiment, info, planned.plan, w.others, w.large),
    [experiment, info, planned.plan, w.others, w.large, beside, decided],
  );

  // What was run, or cancelled, is not run again unasked; nor does a small change end what somebody is waiting for.
  useEffect(() => {
    const { run, job } = w.sweep.getState();
    if (!next || next.key === run?.key || workOf(next) > AT_ONCE) return;
    if (!job || !run || workOf(run) <= AT_ONCE) void startSweep(w, next, { keep: true });
  }, [w, next]);

  const setup = <Setup planned={planned} next={next} definitions={definitions} narrow={narrow} />;
  const results = <Results next={next} narrow={narrow} />;
  if (narrow) {
    return (
      <div className="flex flex-col gap-2 p-2">
        <h2 className="sr-only">Sweep</h2>
        {setup}
        {results}
      </div>
    );
  }
  return (
    <Split
      direction="row"
      className="px-1.5 pb-1.5"
      initial={330}
      least={[240, 420]}
      label="Resize the setup"
      first={
        <>
          <h2 className="sr-only">Sweep</h2>
          {setup}
        </>
      }
      second={results}
    />
  );
}

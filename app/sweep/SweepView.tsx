/** Many recipes over one tensor or several: a grid to choose, the frontier as it comes, every point in a table. */
import { useEffect, useMemo } from "react";
import { readDefinitions } from "../controls/definitions.ts";
import { Split } from "../shell/Split.tsx";
import { useNarrow } from "../shell/useMedia.ts";
import { useExperiment, useStoreOf, useWorkbench } from "../state/workbench.ts";
import { usePlan } from "./plan.ts";
import { Results } from "./Results.tsx";
import { planRun, startSweep } from "./run.ts";
import { Setup } from "./Setup.tsx";

/** A sweep that quantizes no more values than this begins by itself when the view is opened. */
const AT_ONCE = 3e7;

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

  useEffect(() => {
    const { run, job } = w.sweep.getState();
    if (!next || run || job) return;
    const values = next.tensors.reduce((sum, t) => sum + t.elements, 0) * next.recipes.length;
    if (values * Math.max(1, next.request.phases) <= AT_ONCE) void startSweep(w, next);
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

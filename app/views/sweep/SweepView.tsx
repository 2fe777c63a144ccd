/** Many recipes over one tensor or several: a grid to choose, the frontier as it comes, every point in a table. */

import { useEffect, useMemo } from "react";
import { usualWorkers } from "../../../workers/client/index.ts";
import { readDefinitions } from "../../controls/definitions.ts";
import { same } from "../../state/experiment.ts";
import { useExperiment, useStoreOf, useWorkbench } from "../../state/workbench.ts";
import { Split } from "../../widgets/Split.tsx";
import { useNarrow } from "../../widgets/useMedia.ts";
import { ASK_SECONDS, AT_ONCE, secondsOf, workOf } from "./cost.ts";
import { SWEEP } from "./link.ts";
import { usePlan } from "./plan.ts";
import { Results } from "./Results.tsx";
import { planRun, startSweep } from "./run.ts";
import { Setup } from "./Setup.tsx";
import { sweepOf } from "./state.ts";
import { sweepStoreOf } from "./store.ts";

export function SweepView() {
  const w = useWorkbench();
  const experiment = useExperiment((e) => e);
  const info = useStoreOf(w.source.store, (s) => (s.status === "open" ? s.info : null));
  const { definitions } = readDefinitions(experiment.definitions);
  const planned = usePlan(sweepOf(experiment).grid, definitions);
  const narrow = useNarrow();
  const beside = useStoreOf(w.others.store, (s) => s.list);
  const calibration = useStoreOf(w.calibration.store, (s) => s.status);
  const decided = useStoreOf(w.large.store, (s) => s.decided);
  // biome-ignore lint/correctness/useExhaustiveDependencies: what is given changes with the list, inputs with their opening, samples with what was decided
  const next = useMemo(
    () => planRun(experiment, info, planned.plan, w.others, w.large, w.calibration),
    [experiment, info, planned.plan, w.others, w.large, w.calibration, beside, decided, calibration],
  );

  const arrived = useStoreOf(
    w.timeline,
    ({ arrived, experiment }) => arrived.look.tab === SWEEP && same(sweepOf(arrived), sweepOf(experiment)),
  );
  const rate = useStoreOf(sweepStoreOf(w), (s) => s.rate);
  const seconds = next && secondsOf(next, rate, usualWorkers());

  // What was run, or cancelled, is not run again unasked; nor does a small change end what somebody is waiting for. What a
  // link brings is computed, unless it takes so long that it asks first.
  useEffect(() => {
    const { run, job, begun } = sweepStoreOf(w).getState();
    if (!next || next.key === run?.key) return;
    const sweep = sweepOf(w.timeline.getState().experiment);
    const brought = arrived && !same(begun, sweep) && secondsOf(next, rate, usualWorkers()) <= ASK_SECONDS;
    if (workOf(next) > AT_ONCE && !brought) return;
    if (job && run && workOf(run) > AT_ONCE && !brought) return;
    sweepStoreOf(w).setState({ begun: sweep });
    void startSweep(w, next, { keep: true });
  }, [w, next, arrived, rate]);

  const setup = <Setup planned={planned} next={next} seconds={seconds} definitions={definitions} narrow={narrow} />;
  const results = <Results next={next} seconds={seconds} narrow={narrow} />;
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

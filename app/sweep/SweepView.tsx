/** Many recipes over one tensor or several: a grid to choose, the frontier as it comes, every point in a table. */
import { useEffect, useMemo } from "react";
import { Group, Panel, Separator } from "react-resizable-panels";
import { readDefinitions } from "../controls/definitions.ts";
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
  // biome-ignore lint/correctness/useExhaustiveDependencies: what is given changes with the list
  const next = useMemo(
    () => planRun(experiment, info, planned.plan, w.others),
    [experiment, info, planned.plan, w.others, beside],
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
    <Group orientation="horizontal" className="h-full min-h-0 px-1.5 pb-1.5">
      <Panel id="sweep-setup" groupResizeBehavior="preserve-pixel-size" defaultSize={330} minSize={240} maxSize="45%">
        <h2 className="sr-only">Sweep</h2>
        {setup}
      </Panel>
      <Separator className="handle" aria-label="Resize the setup" />
      <Panel id="sweep-results" minSize={420}>
        {results}
      </Panel>
    </Group>
  );
}

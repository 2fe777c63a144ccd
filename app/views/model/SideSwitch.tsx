/** From a run of the model to the mix of recipes for it, and back: the first thing in the bar of both. */
import { Choice } from "../../charts/Controls.tsx";
import { useExperiment, useWorkbench } from "../../state/workbench.ts";
import { mixOf, withMix } from "./mix/state.ts";

export function SideSwitch() {
  const w = useWorkbench();
  const side = useExperiment((e) => mixOf(e).side);
  return (
    <Choice
      label="What the view shows of the model"
      value={side}
      options={[
        { value: "run", label: "Run", name: "Run: the model under rules A and B" },
        { value: "mix", label: "Mix", name: "Mix: which tensor gets which recipe" },
      ]}
      onChange={(next) => w.timeline.change((e) => withMix(e, { side: next }))}
    />
  );
}

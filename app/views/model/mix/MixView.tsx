/** Which tensor gets which recipe: the map of scores, tensors as a table, the frontier of the whole model, and panels beside it. */

import { Choice } from "../../../charts/Controls.tsx";
import { useExperiment, useStoreOf, useWorkbench } from "../../../state/workbench.ts";
import { SourceProblem } from "../../../tensors/SourceProblem.tsx";
import { modelStoreOf } from "../binding.ts";
import { SideSwitch } from "../SideSwitch.tsx";
import type { MixInView } from "./panel.ts";
import { panels } from "./panels.ts";
import { mixOf, withMix } from "./state.ts";

export function MixView() {
  const w = useWorkbench();
  const state = useExperiment(mixOf);
  const source = useStoreOf(w.source.store, (s) => (s.status === "open" ? (s.info?.id ?? null) : null));
  const network = useStoreOf(modelStoreOf(w), (s) => s.info);
  if (source === null) return <SourceProblem />;
  const mix: MixInView = {
    ...{ source, state, network, scores: null, tensors: null, table: null, size: null },
    ...{ frontier: null, point: -1, assigned: null, rules: null },
  };
  const shown = panels.filter((panel) => panel.shows?.(mix) ?? true);
  const panel = shown.find(({ id }) => id === state.panel) ?? shown[0];
  return (
    <div className="flex h-full min-h-0 flex-col gap-1.5 px-1.5 pb-1.5">
      <h2 className="sr-only">Mix</h2>
      <section aria-label="Scores" className="pane flex items-center gap-x-3 gap-y-1 px-2 py-1">
        <SideSwitch />
      </section>
      {panel && (
        <section aria-label={panel.title} className="pane flex min-h-0 flex-1 flex-col gap-1 p-2">
          <Choice
            label="Beside the frontier"
            value={panel.id}
            options={shown.map(({ id, title }) => ({ value: id, label: title }))}
            onChange={(id) => w.timeline.change((e) => withMix(e, { panel: id }))}
          />
          <panel.View mix={mix} />
        </section>
      )}
    </div>
  );
}

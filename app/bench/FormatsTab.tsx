/** The Formats view, with the two formats that the link names. */
import { FormatsView } from "../formats/FormatsView.tsx";
import { withLook } from "../state/experiment.ts";
import { useExperiment, useWorkbench } from "../state/workbench.ts";

export function FormatsTab() {
  const { timeline } = useWorkbench();
  const format = useExperiment((e) => e.look.format);
  const compare = useExperiment((e) => e.look.compare);
  return (
    <div className="h-full min-h-0 overflow-auto px-2 pb-2">
      <h2 className="sr-only">Formats</h2>
      <FormatsView
        format={format}
        compare={compare}
        onFormat={(next) => timeline.change((e) => withLook(e, { format: next }), { merge: "format" })}
        onCompare={(next) => timeline.change((e) => withLook(e, { compare: next }), { merge: "compare" })}
      />
    </div>
  );
}

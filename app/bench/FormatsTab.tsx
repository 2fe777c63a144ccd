/** The Formats view, with the two formats that the link names. */
import { FormatsView } from "../formats/FormatsView.tsx";
import { withLook } from "../state/experiment.ts";
import { useExperiment, useWorkbench } from "../state/workbench.ts";

export function FormatsTab() {
  const { timeline } = useWorkbench();
  const format = useExperiment((e) => e.look.format);
  const compare = useExperiment((e) => e.look.compare);
  return (
    // On a phone the page scrolls, not a part of it. What only screen readers are told is placed in here, or both would.
    <div className="relative h-full min-h-0 overflow-auto px-2 pb-2 max-[859px]:h-auto max-[859px]:overflow-visible">
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

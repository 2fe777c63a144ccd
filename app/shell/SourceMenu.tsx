/** Where tensors come from: files, numbers, a generator, or the bundled samples with their licences. */
import { printable } from "../../kernels/text/printable.ts";
import type { Action } from "../actions/action.ts";
import { entryOf } from "../actions/menu.ts";
import { USUAL_TWIN, withSource } from "../state/experiment.ts";
import { formatSize } from "../state/source.ts";
import { useStoreOf, useWorkbench } from "../state/workbench.ts";
import { Icon } from "../widgets/icons.tsx";
import { LazyMenu } from "../widgets/LazyMenu.tsx";
import type { MenuSection } from "../widgets/menu.ts";

export function SourceMenu({ actions }: { actions: readonly Action[] }) {
  const { source, timeline } = useWorkbench();
  const { info, status, ref, samples } = useStoreOf(source.store, (s) => s);
  const waiting = { opening: "Opening…", asked: "File asked for", failed: "No source", open: "" };
  const label = status === "open" && info ? printable(info.label) : waiting[status];
  const sections = (): MenuSection[] => [
    {
      label: null,
      entries: actions.filter((a) => a.group === "Source" && a.id !== "filter").map((a) => entryOf(a)),
    },
    {
      label: "Samples, part of this page",
      entries: samples.flatMap(({ id, label, describe, bytes, licence, files }) => {
        const entry = {
          id,
          label,
          lines: [describe, `${formatSize(bytes)}, licence ${licence}`],
          chosen: ref?.kind === "sample" && ref.id === id && !ref.twin,
          enabled: true,
          run: () => timeline.change((e) => withSource(e, { kind: "sample", id })),
        };
        const twin = {
          ...entry,
          id: `${id}-twin`,
          label: `${label}: its twin with outliers`,
          lines: ["The same function with outlier channels, as large models have: for smoothing, rotations and splits"],
          chosen: ref?.kind === "sample" && ref.id === id && !!ref.twin,
          run: () => timeline.change((e) => withSource(e, { kind: "sample", id, twin: USUAL_TWIN })),
        };
        return files ? [entry, twin] : [entry];
      }),
    },
  ];
  return (
    <LazyMenu
      label={`Source: ${label}`}
      className="min-w-0 max-w-80 shrink"
      sections={sections}
      trigger={
        <>
          <Icon name="file" className="text-muted" />
          <span className="truncate">{label}</span>
          <Icon name="chevron" className="text-muted" />
        </>
      }
    />
  );
}

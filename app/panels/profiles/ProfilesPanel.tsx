/** The error along rows, columns or blocks, wired to the experiment. */
import { useCallback } from "react";
import type { ProfileAxis } from "../../charts/types.ts";
import type { PanelProps } from "../../page/panel.ts";
import { useExperiment, useWorkbench } from "../../state/workbench.ts";
import { ErrorProfiles } from "./ErrorProfiles.tsx";
import { profilesPart } from "./options.ts";

export function ProfilesPanel({ charts: c }: PanelProps) {
  const { timeline } = useWorkbench();
  const { axis } = useExperiment(profilesPart.of);
  const onAxis = useCallback(
    (next: ProfileAxis) => timeline.change((e) => profilesPart.with(e, { axis: next })),
    [timeline],
  );
  return <ErrorProfiles {...c.pair} axis={axis} onAxis={onAxis} highlight={c.highlight} onHighlight={c.onHighlight} />;
}

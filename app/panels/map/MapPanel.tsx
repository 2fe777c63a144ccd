/** The error on the matrix, or the values in its place, wired to the experiment. */
import { useCallback } from "react";
import type { MatrixWindow } from "../../charts/types.ts";
import type { PanelProps } from "../../page/panel.ts";
import { useExperiment, useStoreOf, useWorkbench } from "../../state/workbench.ts";
import { lazyPart } from "../../widgets/lazyPart.ts";
import { ErrorHeatMap } from "./ErrorHeatMap.tsx";
import { type HeatMapMode, mapPart } from "./options.ts";
import { useWindows } from "./useWindows.ts";

// Few tensors are pictures.
const PictureView = lazyPart(async () => (await import("./picture/PictureView.tsx")).PictureView);

/** How the shown tensor is a picture; null where it is none, or is read in another way than the usual one. */
function usePicture() {
  const { source } = useWorkbench();
  const name = useExperiment((e) => e.tensor);
  const view = useExperiment((e) => e.view);
  const info = useStoreOf(source.store, (s) => s.info);
  return (view === null && info?.tensors.find((t) => t.name === name)?.picture) || null;
}

export function MapPanel({ charts }: PanelProps) {
  const { timeline } = useWorkbench();
  const options = useExperiment(mapPart.of);
  const picture = usePicture();
  const loadWindow = useWindows(charts.shown);
  const onView = useCallback(
    (window: MatrixWindow | null) => timeline.change((e) => mapPart.with(e, { window }), { merge: "window" }),
    [timeline],
  );
  const onMode = useCallback((mode: HeatMapMode) => timeline.change((e) => mapPart.with(e, { mode })), [timeline]);
  const onValues = useCallback(() => timeline.change((e) => mapPart.with(e, { values: true })), [timeline]);
  const onErrors = useCallback(
    (mode: HeatMapMode) => timeline.change((e) => mapPart.with(e, { mode, values: false })),
    [timeline],
  );
  if (options.values ?? picture !== null) {
    const moves = { window: options.window, onView, onErrors, onValues };
    return <PictureView charts={charts} picture={picture} loadWindow={loadWindow} {...moves} />;
  }
  return (
    <ErrorHeatMap
      onValues={onValues}
      {...charts.pair}
      mode={options.mode}
      onMode={onMode}
      view={options.window}
      onView={onView}
      loadWindow={loadWindow}
      highlight={charts.highlight}
      onHighlight={charts.onHighlight}
    />
  );
}

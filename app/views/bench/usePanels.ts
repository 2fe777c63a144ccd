/** Which panels have something to show of what is on the screen, and which of them stand in one place. */
import { useMemo } from "react";
import { findTensor } from "../../../workers/layouts/address.ts";
import type { SourceInfo } from "../../../workers/sources/info.ts";
import type { TensorInfo } from "../../../workers/tensors/info.ts";
import type { Charts } from "../../charts/useCharts.ts";
import type { Panel, Place, Showing } from "../../page/panel.ts";
import { panels } from "../../panels/index.ts";
import { comparable } from "../../state/results.ts";
import { useExperiment, useStoreOf, useWorkbench, type Workbench } from "../../state/workbench.ts";

/** In the order of the list. What has its place for itself leaves the others there out. */
function shownOf(showing: Showing): readonly Panel[] {
  const able = panels.filter((panel) => panel.shows?.(showing) ?? true);
  return able.filter((panel) => panel.alone || !able.some((other) => other.alone && other.place === panel.place));
}

const tensorOf = (info: SourceInfo | null, address: string | null): TensorInfo | null =>
  (info && findTensor(info, address)) ?? null;

export function usePanels(charts: Charts): readonly Panel[] {
  const { source } = useWorkbench();
  const info = useStoreOf(source.store, (s) => s.info);
  const address = useExperiment((e) => e.tensor);
  // A checkpoint has hundreds of thousands of names: they are not gone through for every change of the experiment.
  const tensor = useMemo(() => tensorOf(info, address), [info, address]);
  const matrix = (charts.pair.a ?? charts.pair.b)?.matrix ?? null;
  const names = (shown: readonly Panel[]) => shown.map((panel) => panel.id).join();
  // Names rather than panels: the Bench is drawn anew only when they change.
  const shown = useExperiment((experiment) => names(shownOf({ experiment, tensor, matrix }))).split(",");
  return panels.filter((panel) => shown.includes(panel.id));
}

/** The panels that the Bench shows now, for whoever does not draw it. */
export function panelsFor({ timeline, source, runs }: Workbench): readonly Panel[] {
  const { a, b } = comparable(runs.store.getState());
  const matrix = (a ?? b)?.report.matrix ?? null;
  const { experiment } = timeline.getState();
  return shownOf({ experiment, tensor: tensorOf(source.store.getState().info, experiment.tensor), matrix });
}

export const panelsIn = (shown: readonly Panel[], place: Place): readonly Panel[] =>
  shown.filter((panel) => panel.place === place);

/** Whether a panel that may come asks for more than half of the height. */
export const useTall = (): boolean => useExperiment((e) => panels.some((panel) => panel.tall?.(e)));

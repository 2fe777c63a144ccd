/** The distribution of the values, wired to the experiment. */
import { useCallback } from "react";
import type { Inspection, LinearHistogram } from "../../../kernels/report/report.ts";
import type { Range } from "../../charts/types.ts";
import type { PanelProps } from "../../page/panel.ts";
import { track } from "../../state/busy.ts";
import { useExperiment, useWorkbench } from "../../state/workbench.ts";
import { valuesPart } from "./options.ts";
import { useAfterSteps } from "./useAfterSteps.ts";
import { ValueHistogram } from "./ValueHistogram.tsx";

export function ValuesPanel({ charts: c }: PanelProps) {
  const { client, timeline, runs } = useWorkbench();
  const { zoom } = useExperiment(valuesPart.of);
  const after = useAfterSteps(c.shown.a, c.shown.b);
  const refine = useCallback(
    (lo: number, hi: number, bins: number): Promise<LinearHistogram> => {
      const { a, b } = runs.store.getState();
      const shown = a.shown ?? b.shown;
      if (!shown) return Promise.reject(new Error("There is no tensor to look at."));
      return track(client.call("histogram", { target: shown.request.target, lo, hi, bins }));
    },
    [client, runs],
  );
  const onZoom = useCallback(
    (next: Range | null) => timeline.change((e) => valuesPart.with(e, { zoom: next }), { merge: "zoom" }),
    [timeline],
  );
  const { a, b } = c.inspections;
  return (
    <ValueHistogram
      {...c.pair}
      refine={refine}
      after={after}
      highlight={c.highlight}
      onHighlight={c.onHighlight}
      zoom={zoom}
      onZoom={onZoom}
      highlightValue={(a ?? b)?.x ?? null}
      highlightInput={{ a: a?.input ?? null, b: b?.input ?? null }}
      scaleA={a?.scale ?? null}
      scaleB={b?.scale ?? null}
      zeroPointA={a && stepsOff(a)}
      zeroPointB={b && stepsOff(b)}
    />
  );
}

/** The zero point, or what stands in its place where blocks store offsets: how many steps the levels are moved by. */
const stepsOff = ({ zeroPoint, offset, scale }: Inspection): number | null =>
  offset !== undefined && scale !== 0 ? -offset / scale : zeroPoint;

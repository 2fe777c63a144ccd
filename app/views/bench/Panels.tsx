/** The charts of the bench, each wired to the experiment. Drawing code is loaded when the first result is on its way. */
import type { Inspection } from "../../../kernels/report/report.ts";
import { useExperiment, useStoreOf, useWorkbench } from "../../state/workbench.ts";
import { lazyPart } from "../../widgets/lazyPart.ts";
import type { Charts } from "./useCharts.ts";

const ValueHistogram = lazyPart(async () => (await import("../../panels/values/ValueHistogram.tsx")).ValueHistogram);
const ErrorHeatMap = lazyPart(async () => (await import("../../panels/map/ErrorHeatMap.tsx")).ErrorHeatMap);
const PictureView = lazyPart(async () => (await import("../../panels/map/picture/PictureView.tsx")).PictureView);
const ErrorProfiles = lazyPart(async () => (await import("../../panels/profiles/ErrorProfiles.tsx")).ErrorProfiles);
const ScaleAndCodes = lazyPart(async () => (await import("../../panels/codes/ScaleAndCodes.tsx")).ScaleAndCodes);
const Inspector = lazyPart(async () => (await import("../../panels/inspector/Inspector.tsx")).Inspector);
const CellEditor = lazyPart(async () => (await import("../../panels/cells/CellEditor.tsx")).CellEditor);

export function ValuesPanel({ charts: c }: { charts: Charts }) {
  const { a, b } = c.inspections;
  return (
    <ValueHistogram
      {...c.pair}
      refine={c.refine}
      after={c.after}
      highlight={c.highlight}
      onHighlight={c.onHighlight}
      zoom={c.look.zoom}
      onZoom={c.onZoom}
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

/** How the shown tensor is a picture; null where it is none, or is read in another way than the usual one. */
function usePicture() {
  const { source } = useWorkbench();
  const name = useExperiment((e) => e.tensor);
  const view = useExperiment((e) => e.view);
  const info = useStoreOf(source.store, (s) => s.info);
  return (view === null && info?.tensors.find((t) => t.name === name)?.picture) || null;
}

/** Typed numbers that fit on the screen are edited in place; anything else is drawn as a map. */
export function MapPanel({ charts: c }: { charts: Charts }) {
  const typed = useExperiment((e) => e.source.kind === "text");
  const matrix = (c.pair.a ?? c.pair.b)?.matrix;
  const picture = usePicture();
  if (typed && matrix && matrix.rows <= 4 && matrix.cols <= 8) return <CellEditor charts={c} />;
  const values = c.look.values ?? picture !== null;
  if (values) return <PictureView charts={c} picture={picture} />;
  return (
    <ErrorHeatMap
      onValues={() => c.onValues(true)}
      {...c.pair}
      mode={c.look.map}
      onMode={c.onMode}
      view={c.look.window}
      onView={c.onView}
      loadWindow={c.loadWindow}
      highlight={c.highlight}
      onHighlight={c.onHighlight}
    />
  );
}

export function ProfilesPanel({ charts: c }: { charts: Charts }) {
  return (
    <ErrorProfiles
      {...c.pair}
      axis={c.look.axis}
      onAxis={c.onAxis}
      highlight={c.highlight}
      onHighlight={c.onHighlight}
    />
  );
}

export function CodesPanel({ charts: c }: { charts: Charts }) {
  const { a, b } = c.inspections;
  const scales = (i: typeof a) => i?.scales.map((s) => s.value) ?? null;
  return (
    <ScaleAndCodes
      {...c.pair}
      highlight={c.highlight}
      onHighlight={c.onHighlight}
      highlightCode={{ a: a?.code ?? null, b: b?.code ?? null }}
      highlightScales={{ a: scales(a), b: scales(b) }}
      highlightError={{ a: a?.error ?? null, b: b?.error ?? null }}
    />
  );
}

export function InspectorPanel({ charts: c }: { charts: Charts }) {
  const { highlight: store } = useWorkbench();
  const matrix = (c.pair.a ?? c.pair.b)?.matrix;
  const mark = c.highlight;
  return (
    <Inspector
      a={c.inspections.a}
      b={c.inspections.b}
      recipeA={c.pair.a?.recipe}
      recipeB={c.pair.b?.recipe}
      pinned={mark?.pinned ?? false}
      onStep={(dRow, dCol) => matrix && store.getState().step(matrix.rows, matrix.cols, dRow, dCol)}
      onPin={(pinned) => {
        if (!mark) return;
        if (pinned) c.onHighlight({ ...mark, pinned });
        else store.getState().release();
      }}
    />
  );
}

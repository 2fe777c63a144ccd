/** The bench: a tensor, two recipes, and everything that is known about their error. */
import { type ReactNode, Suspense } from "react";
import { RecipePane } from "../../controls/RecipePane.tsx";
import { ErrorBoundary } from "../../page/ErrorBoundary.tsx";
import { MetricsTable } from "../../panels/metrics/MetricsTable.tsx";
import { StoredOrInspector, useStoredPanel } from "../../panels/stored/StoredOrInspector.tsx";
import { useExperiment, useStoreOf, useWorkbench } from "../../state/workbench.ts";
import { SourceProblem } from "../../tensors/SourceProblem.tsx";
import { TensorHead } from "../../tensors/TensorHead.tsx";
import { TensorPane } from "../../tensors/TensorPane.tsx";
import { Welcome } from "../../welcome/Welcome.tsx";
import { Icon } from "../../widgets/icons.tsx";
import { Split } from "../../widgets/Split.tsx";
import { useMedium, useNarrow } from "../../widgets/useMedia.ts";
import { CodesPanel, InspectorPanel, MapPanel, ProfilesPanel, ValuesPanel } from "./Panels.tsx";
import { useCharts } from "./useCharts.ts";
import { VerdictLine } from "./VerdictLine.tsx";

export function Bench() {
  const { source } = useWorkbench();
  const info = useStoreOf(source.store, (s) => s.info);
  const charts = useCharts();
  const narrow = useNarrow();
  const medium = useMedium();
  const typed = useExperiment((e) => e.source.kind === "text");
  const marked = charts.highlight?.pinned ?? false;
  const stored = useStoredPanel();
  const tensors = info ? <TensorPane key={info.id} info={info} /> : <SourceProblem />;
  const recipes = (
    <>
      <RecipePane side="a" />
      <RecipePane side="b" />
    </>
  );
  const panels = {
    values: <ValuesPanel charts={charts} />,
    map: <MapPanel charts={charts} />,
    profiles: <ProfilesPanel charts={charts} />,
    codes: <CodesPanel charts={charts} />,
    inspector: <InspectorPanel charts={charts} />,
  };

  if (narrow) {
    return (
      <div className="flex flex-col gap-2 p-2">
        <Welcome />
        <details className="pane" open={!info}>
          <summary className="flex min-h-11 cursor-pointer items-center gap-2 px-3 font-semibold">
            <Icon name="chevron" className="text-muted" />
            {info ? `Tensors of ${info.label}` : "Source"}
          </summary>
          <div className={info ? "h-80" : ""}>{tensors}</div>
        </details>
        <TensorHead />
        {recipes}
        <VerdictLine charts={charts} />
        <Pane>
          <MetricsTable />
        </Pane>
        {stored && <Pane>{stored}</Pane>}
        <Pane height={340}>{panels.values}</Pane>
        <Pane height={420}>{panels.map}</Pane>
        {!marked && <Pane>{panels.inspector}</Pane>}
        <Pane height={320}>{panels.profiles}</Pane>
        <Pane height={1020}>{panels.codes}</Pane>
        {marked && (
          // Over the charts, within reach of the thumb, for as long as an element is marked.
          <div className="sticky bottom-0 z-30 -mx-2 max-h-[44dvh] overflow-auto rounded-t-lg border-line border-t bg-raised p-2 shadow-[0_-6px_20px_rgb(0_0_0/0.18)]">
            {panels.inspector}
          </div>
        )}
      </div>
    );
  }
  const metrics = (
    <div className="pane h-full overflow-hidden">
      <MetricsTable />
    </div>
  );
  const inspector = (
    <Pane>{stored ? <StoredOrInspector stored={stored} inspector={panels.inspector} /> : panels.inspector}</Pane>
  );
  const besideTensors = (first: number, content: ReactNode) => (
    <div className="flex h-full min-h-0 flex-col">
      <Welcome />
      <Split
        direction="row"
        className="min-h-0 flex-1 px-1.5 pb-1.5"
        initial={first}
        least={[150, 480]}
        first={<div className="pane h-full overflow-hidden">{tensors}</div>}
        second={
          // Where a window is too low for what must be readable, this column scrolls.
          <div className="relative flex h-full min-h-0 flex-col gap-1.5 overflow-x-hidden overflow-y-auto">
            <TensorHead />
            <div className="grid shrink-0 grid-cols-2 gap-1.5">{recipes}</div>
            <VerdictLine charts={charts} />
            {content}
          </div>
        }
      />
    </div>
  );
  if (medium) {
    return besideTensors(
      208,
      <div className="grid shrink-0 grid-cols-2 gap-1.5">
        <Cell height={330}>
          <Pane>{panels.values}</Pane>
        </Cell>
        <Cell height={330}>
          <Pane>{panels.map}</Pane>
        </Cell>
        <Cell height={336}>{metrics}</Cell>
        <Cell height={336}>{inspector}</Cell>
        <Cell height={280} wide>
          <Pane>{panels.profiles}</Pane>
        </Cell>
        <Cell height={340} wide>
          <Pane>{panels.codes}</Pane>
        </Cell>
      </div>,
    );
  }
  return besideTensors(
    216,
    <div className="grid min-h-[560px] flex-1">
      <Split
        direction="row"
        sized="second"
        initial={348}
        least={[320, 280]}
        first={
          // Cells of typed numbers take more room than a map.
          <Split
            key={typed ? "cells" : "map"}
            direction="column"
            initial={typed ? "64%" : "47%"}
            least={[140, 120]}
            first={<Beside left={<Pane>{panels.values}</Pane>} right={<Pane>{panels.map}</Pane>} share="50%" />}
            second={<Beside left={<Pane>{panels.profiles}</Pane>} right={<Pane>{panels.codes}</Pane>} share="42%" />}
          />
        }
        second={<Split direction="column" initial="54%" least={[80, 80]} first={metrics} second={inspector} />}
      />
    </div>,
  );
}

/** A place of its own height in the column of a small window; wide ones take both columns. */
function Cell({ height, wide = false, children }: { height: number; wide?: boolean; children: ReactNode }) {
  return (
    <div className={`min-w-0 ${wide ? "col-span-2" : ""}`} style={{ height }}>
      {children}
    </div>
  );
}

function Beside({ left, right, share }: { left: ReactNode; right: ReactNode; share: `${number}%` }) {
  return <Split direction="row" initial={share} least={[160, 160]} first={left} second={right} />;
}

/** A pane that fails says so in its own place; another result tries again. */
function Pane({ children, height }: { children: ReactNode; height?: number }) {
  const { runs, timeline } = useWorkbench();
  const results = useStoreOf(runs.store, (s) => s.a.shown ?? s.b.shown);
  return (
    <div className="pane h-full overflow-auto p-2" style={{ height }}>
      <ErrorBoundary what="This pane" resetOn={results} experiment={() => timeline.getState().experiment}>
        <Suspense fallback={null}>{children}</Suspense>
      </ErrorBoundary>
    </div>
  );
}

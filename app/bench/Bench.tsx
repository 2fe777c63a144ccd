/** The bench: a tensor, two recipes, and everything that is known about their error. */
import { type ReactNode, Suspense } from "react";
import { Group, Panel, Separator } from "react-resizable-panels";
import { RecipePane } from "../controls/RecipePane.tsx";
import { ErrorBoundary } from "../shell/ErrorBoundary.tsx";
import { Icon } from "../shell/icons.tsx";
import { useNarrow } from "../shell/useMedia.ts";
import { useExperiment, useStoreOf, useWorkbench } from "../state/workbench.ts";
import { TensorHead } from "../tensors/TensorHead.tsx";
import { TensorPane } from "../tensors/TensorPane.tsx";
import { MetricsTable } from "./MetricsTable.tsx";
import { CodesPanel, InspectorPanel, MapPanel, ProfilesPanel, ValuesPanel } from "./Panels.tsx";
import { SourceProblem } from "./SourceProblem.tsx";
import { useCharts } from "./useCharts.ts";

export function Bench() {
  const { source } = useWorkbench();
  const info = useStoreOf(source.store, (s) => s.info);
  const charts = useCharts();
  const narrow = useNarrow();
  const typed = useExperiment((e) => e.source.kind === "text");
  const marked = charts.highlight?.pinned ?? false;
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
        <details className="pane" open={!info}>
          <summary className="flex min-h-11 cursor-pointer items-center gap-2 px-3 font-semibold">
            <Icon name="chevron" className="text-muted" />
            {info ? `Tensors of ${info.label}` : "Source"}
          </summary>
          <div className={info ? "h-80" : ""}>{tensors}</div>
        </details>
        <TensorHead />
        {recipes}
        <Pane>
          <MetricsTable />
        </Pane>
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
  return (
    <Group orientation="horizontal" className="h-full min-h-0 px-1.5 pb-1.5">
      <Panel id="tensors" groupResizeBehavior="preserve-pixel-size" defaultSize={216} minSize={150} maxSize="40%">
        <div className="pane h-full overflow-hidden">{tensors}</div>
      </Panel>
      <Handle />
      <Panel id="work" minSize={480}>
        <div className="flex h-full min-h-0 flex-col gap-1.5">
          <TensorHead />
          <div className="grid grid-cols-2 gap-1.5">{recipes}</div>
          <Group orientation="horizontal" className="min-h-0 flex-1">
            <Panel id="charts" minSize={320}>
              {/* Cells of typed numbers take more room than a map. */}
              <Group key={typed ? "cells" : "map"} orientation="vertical">
                <Panel id="above" defaultSize={typed ? "64%" : "47%"} minSize={140}>
                  <Beside left={<Pane>{panels.values}</Pane>} right={<Pane>{panels.map}</Pane>} name="above" />
                </Panel>
                <Handle />
                <Panel id="below" minSize={120}>
                  <Beside
                    name="below"
                    split="42%"
                    left={<Pane>{panels.profiles}</Pane>}
                    right={<Pane>{panels.codes}</Pane>}
                  />
                </Panel>
              </Group>
            </Panel>
            <Handle />
            <Panel id="figures" groupResizeBehavior="preserve-pixel-size" defaultSize={348} minSize={280} maxSize="45%">
              <Group orientation="vertical">
                <Panel id="metrics" defaultSize="48%" minSize={80}>
                  <div className="pane h-full overflow-hidden">
                    <MetricsTable />
                  </div>
                </Panel>
                <Handle />
                <Panel id="inspector" minSize={80}>
                  <Pane>{panels.inspector}</Pane>
                </Panel>
              </Group>
            </Panel>
          </Group>
        </div>
      </Panel>
    </Group>
  );
}

function Beside({ left, right, name, split }: { left: ReactNode; right: ReactNode; name: string; split?: string }) {
  return (
    <Group orientation="horizontal">
      <Panel id={`${name}-left`} defaultSize={split} minSize={160}>
        {left}
      </Panel>
      <Handle />
      <Panel id={`${name}-right`} minSize={160}>
        {right}
      </Panel>
    </Group>
  );
}

const Handle = () => <Separator className="handle" aria-label="Resize panes" />;

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

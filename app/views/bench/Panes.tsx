/** The places of the Bench and what stands in them. */
import { type ReactNode, Suspense, useState } from "react";
import type { Charts } from "../../charts/useCharts.ts";
import { ErrorBoundary } from "../../page/ErrorBoundary.tsx";
import type { Panel } from "../../page/panel.ts";
import { useStoreOf, useWorkbench } from "../../state/workbench.ts";

/** A pane that fails says so in its own place; another result tries again. */
export function Pane({ children, height, bare = false }: { children: ReactNode; height?: number; bare?: boolean }) {
  const { runs, timeline } = useWorkbench();
  const results = useStoreOf(runs.store, (s) => s.a.shown ?? s.b.shown);
  return (
    <div className={`pane h-full ${bare ? "overflow-hidden" : "overflow-auto p-2"}`} style={{ height }}>
      <ErrorBoundary what="This pane" resetOn={results} experiment={() => timeline.getState().experiment}>
        <Suspense fallback={null}>{children}</Suspense>
      </ErrorBoundary>
    </div>
  );
}

/** A place with the panel that stands there; where there are several, with one of them at a time. */
export function PlacePane({ panels, charts }: { panels: readonly Panel[]; charts: Charts }) {
  const [only] = panels;
  if (!only) return <Pane>{null}</Pane>;
  return (
    <Pane bare={panels.length === 1 && only.bare}>
      {panels.length === 1 ? <only.View charts={charts} /> : <OneOf panels={panels} charts={charts} />}
    </Pane>
  );
}

function OneOf({ panels, charts }: { panels: readonly Panel[]; charts: Charts }) {
  const [chosen, choose] = useState<string | null>(null);
  const shown = panels.find((panel) => panel.id === chosen) ?? panels[0];
  return (
    <div className="grid min-h-full grid-cols-[minmax(0,1fr)] grid-rows-[auto_1fr] gap-1.5">
      <fieldset className="m-0 flex gap-2 border-0 p-0" aria-label="Panel shown">
        {panels.map((panel) => (
          <button
            key={panel.id}
            type="button"
            aria-pressed={shown === panel}
            className={`cursor-pointer border-0 border-b-2 bg-transparent px-1 py-0.5 text-xs ${shown === panel ? "border-accent font-semibold text-ink" : "border-transparent text-muted hover:text-ink"}`}
            onClick={() => choose(panel.id)}
          >
            {panel.title}
          </button>
        ))}
      </fieldset>
      <div className="min-h-0 min-w-0">
        <shown.View charts={charts} />
      </div>
    </div>
  );
}

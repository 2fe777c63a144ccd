/** The whole page: header, the view of the moment, messages and dialogs. */
import { Suspense, useEffect, useMemo, useState } from "react";
import type { BackendName } from "../../kernels/report/report.ts";
import type { BackendVerdict } from "../../workers/backends/verdict.ts";
import { startShortcuts } from "../actions/keys.ts";
import { type ChartSaver, ChartSaving } from "../charts/SaveChart.tsx";
import { startDrops } from "../files/files.ts";
import { formatMetric, metricSpecs, metricValue } from "../metrics/metrics.ts";
import { ErrorBoundary } from "../page/ErrorBoundary.tsx";
import { useView, useViews } from "../page/view.ts";
import { track } from "../state/busy.ts";
import { withLook } from "../state/experiment.ts";
import { messageOf, notify } from "../state/notices.ts";
import { uiStore } from "../state/ui.ts";
import { useExperiment, useStoreOf, useWorkbench } from "../state/workbench.ts";
import { lazyPart } from "../widgets/lazyPart.ts";
import { useNarrow } from "../widgets/useMedia.ts";
import { createActions } from "./actions.ts";
import { BottomBar, Header } from "./Header.tsx";
import { Notices } from "./Notices.tsx";
import { SkipLinks } from "./SkipLinks.tsx";

const Dialogs = lazyPart(async () => (await import("../dialogs/Dialogs.tsx")).Dialogs);

export function Page() {
  const workbench = useWorkbench();
  const views = useViews();
  const view = useView();
  const actions = useMemo(() => createActions(workbench, views), [workbench, views]);
  const saver = useMemo<ChartSaver>(
    () => async (figure, kind, table) => {
      const { captionOf, saveChart } = await import("../export/exports.ts");
      await saveChart(workbench, captionOf(workbench, view.files), figure, kind, table);
    },
    [workbench, view],
  );
  const { dialog, dropping } = useStoreOf(uiStore, (s) => s);
  const undescribed = useStoreOf(workbench.source.store, (s) => s.undescribed);
  const large = useStoreOf(workbench.large.store, (s) => s.asked);
  const narrow = useNarrow();
  useEffect(() => startShortcuts(actions), [actions]);
  useEffect(() => startDrops(workbench), [workbench]);
  const experiment = () => workbench.timeline.getState().experiment;

  return (
    <div className="flex h-dvh flex-col">
      <SkipLinks />
      <Header actions={actions} />
      <main
        id="view"
        tabIndex={-1}
        className="relative min-h-0 flex-1 overflow-auto outline-none"
        aria-label={view.label}
      >
        <ErrorBoundary what={`The view “${view.label}”`} resetOn={view.id} experiment={experiment}>
          <Suspense fallback={<p className="m-0 p-4 text-muted">Loading…</p>}>
            {/* Lower windows scroll: panes that are squeezed tell nothing. */}
            <div className={narrow ? "" : "h-full min-h-[500px]"}>
              <ChartSaving.Provider value={saver}>
                <view.View />
              </ChartSaving.Provider>
            </div>
          </Suspense>
        </ErrorBoundary>
        {narrow && <StatusBar />}
      </main>
      {narrow ? (
        <BottomBar actions={actions} />
      ) : (
        <footer>
          <StatusBar />
        </footer>
      )}
      <LiveResults />
      <Notices />
      {(dialog || undescribed || large) && (
        <Suspense fallback={null}>
          <Dialogs actions={actions} />
        </Suspense>
      )}
      {dropping && (
        <div className="pointer-events-none fixed inset-2 z-[70] grid place-items-center rounded-lg border-2 border-accent border-dashed bg-panel/85">
          <p className="m-0 font-semibold text-lg">Drop files or a folder to open them</p>
        </div>
      )}
    </div>
  );
}

/** Which backend computes and why, in one line. */
function StatusBar() {
  const { client, runs, source } = useWorkbench();
  // Whoever chose a backend knows why it computes.
  const automatic = useExperiment((e) => e.look.backend === null);
  const [verdict, setVerdict] = useState<BackendVerdict | null>(null);
  useEffect(() => {
    track(client.call("backends", {}))
      .then(setVerdict)
      .catch((error) => notify(messageOf(error), "error"));
  }, [client]);
  const host = useStoreOf(source.store, (s) => s.info?.address && new URL(s.info.address).host);
  const matrix = useStoreOf(runs.store, (s) => (s.a.shown ?? s.b.shown)?.report.matrix);
  return (
    <div className="flex min-h-6 shrink-0 items-center gap-x-4 px-3 text-muted text-xs max-[859px]:flex-wrap max-[859px]:gap-x-3 max-[859px]:gap-y-1 max-[859px]:pb-2">
      {verdict && <BackendChoice verdict={verdict} />}
      {verdict && automatic && (
        <span className="min-w-0 truncate max-[859px]:w-full max-[859px]:whitespace-normal">{verdict.note}</span>
      )}
      <span className="min-[860px]:ml-auto whitespace-nowrap">
        {matrix
          ? `${matrix.rows.toLocaleString("en")} × ${matrix.cols.toLocaleString("en")} = ${(matrix.rows * matrix.cols).toLocaleString("en")} ${matrix.rows * matrix.cols === 1 ? "element" : "elements"}`
          : ""}
      </span>
      <span className="whitespace-nowrap">
        {host ? `Read from ${host}, nothing is sent` : "Nothing leaves this machine"}
      </span>
    </div>
  );
}

const backendLabels: Record<BackendName, string> = {
  webgpu: "the GPU (WebGPU)",
  wasm: "the CPU (WebAssembly)",
  reference: "the CPU (reference)",
};

/** What computes: all backends give the same codes, so this is for whoever wants to see that. */
function BackendChoice({ verdict }: { verdict: BackendVerdict }) {
  const { timeline } = useWorkbench();
  const backend = useExperiment((e) => e.look.backend);
  return (
    <label className="flex shrink-0 items-center gap-1.5 whitespace-nowrap">
      computes on
      <select
        className="rounded border border-line bg-panel px-1 text-ink max-[859px]:min-h-11"
        value={backend ?? ""}
        onChange={(event) => {
          const chosen = (event.target.value || null) as BackendName | null;
          timeline.change((e) => withLook(e, { backend: chosen }));
        }}
      >
        <option value="">{backendLabels[verdict.chosen]}, automatic</option>
        {verdict.available.map((name) => (
          <option key={name} value={name}>
            {backendLabels[name]}
          </option>
        ))}
      </select>
    </label>
  );
}

/** Says new results to whoever does not see them. */
function LiveResults() {
  const { runs } = useWorkbench();
  const { a, b } = useStoreOf(runs.store, (s) => s);
  const [sqnr, bits] = metricSpecs;
  const sentence = [a, b].map((result, i) => {
    if (result.running || !result.shown || result.shown.key !== result.wanted) return "";
    const { metrics, recipe } = result.shown.report;
    const value = (spec: typeof sqnr) => formatMetric(spec, metricValue(spec, metrics));
    return `${"AB"[i]}, ${recipe}: ${value(sqnr)} decibels at ${value(bits)} bits a weight.`;
  });
  return (
    <p className="sr-only" role="status" aria-live="polite">
      {sentence.join(" ")}
    </p>
  );
}

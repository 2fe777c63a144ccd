/** What the charts are given: the shown reports, the look of the experiment, and ways to ask the workers for more. */
import { useCallback, useEffect, useMemo, useState } from "react";
import type { Report } from "../../../kernels/measure/report.ts";
import type { LinearHistogram } from "../../../kernels/report/report.ts";
import type { WindowReply } from "../../../workers/jobs/window/window.ts";
import type { HeatMapMode, HeatMapRequest, MatrixWindow, Pair, ProfileAxis, Range } from "../../charts/types.ts";
import { track } from "../../state/busy.ts";
import { withLook } from "../../state/experiment.ts";
import { comparable } from "../../state/results.ts";
import { staleOf } from "../../state/standing.ts";
import { useExperiment, useStoreOf, useWorkbench } from "../../state/workbench.ts";
import { useAfterSteps } from "./useAfterSteps.ts";

export function useCharts() {
  const { client, timeline, runs, highlight: marks, marks: inspected } = useWorkbench();
  const results = useStoreOf(runs.store, (s) => s);
  const look = useExperiment((e) => e.look);
  const highlight = useStoreOf(marks, (s) => s.highlight);
  const onHighlight = useStoreOf(marks, (s) => s.point);
  const inspections = useStoreOf(inspected.store, (s) => s);
  const opening = useStoreOf(useWorkbench().source.store, (s) => s.status === "opening");

  const old = useMemo(() => staleOf(results.a, results.b, opening), [results.a, results.b, opening]);
  const settled = useSettled(old !== null);
  // A mistake is no matter of a moment.
  const stale = settled || old?.coming === false ? old : null;

  const refine = useCallback(
    (lo: number, hi: number, bins: number): Promise<LinearHistogram> => {
      const { a, b } = runs.store.getState();
      const shown = a.shown ?? b.shown;
      if (!shown) return Promise.reject(new Error("There is no tensor to look at."));
      return track(client.call("histogram", { target: shown.request.target, lo, hi, bins }));
    },
    [client, runs],
  );
  // A new loader for every new pair of results, so that the heat map asks again.
  const { a: shownA, b: shownB } = comparable(results);
  const loadWindow = useCallback(
    (request: HeatMapRequest): Promise<WindowReply> => {
      const [first, second] = [shownA, shownB].filter((shown) => shown !== null);
      if (!first) return Promise.reject(new Error("There is no result to look at."));
      const recipes = [first, second].filter(Boolean).map((shown) => shown.request.recipe);
      const { target: own, definitions } = first.request;
      // A recipe that computes its results does not say what those are given to the other.
      const given = own.given ?? second?.request.target.given;
      const target = given ? { ...own, given } : own;
      return track(client.window({ ...request, target, recipes, definitions }));
    },
    [client, shownA, shownB],
  );

  const onZoom = useCallback(
    (zoom: Range | null) => timeline.change((e) => withLook(e, { zoom }), { merge: "zoom" }),
    [timeline],
  );
  const onView = useCallback(
    (window: MatrixWindow | null) => timeline.change((e) => withLook(e, { window }), { merge: "window" }),
    [timeline],
  );
  const onMode = useCallback((map: HeatMapMode) => timeline.change((e) => withLook(e, { map })), [timeline]);
  const onValues = useCallback((values: boolean) => timeline.change((e) => withLook(e, { values })), [timeline]);
  const onErrors = useCallback(
    (map: HeatMapMode) => timeline.change((e) => withLook(e, { map, values: false })),
    [timeline],
  );
  const onAxis = useCallback((axis: ProfileAxis) => timeline.change((e) => withLook(e, { axis })), [timeline]);

  const reports = useMemo<Pair<Report>>(
    () => ({ a: shownA?.report ?? null, b: shownB?.report ?? null }),
    [shownA, shownB],
  );
  const after = useAfterSteps(shownA, shownB);
  return {
    pair: { ...reports, stale },
    after,
    look,
    highlight,
    onHighlight,
    inspections,
    refine,
    loadWindow,
    onZoom,
    onView,
    onMode,
    onValues,
    onErrors,
    onAxis,
  };
}

const MARK_AFTER_MS = 150;

/** True once `now` has been for a moment: an answer that comes at once should not make the page blink. */
function useSettled(now: boolean): boolean {
  const [settled, setSettled] = useState(false);
  useEffect(() => {
    if (!now) return setSettled(false);
    const timer = setTimeout(() => setSettled(true), MARK_AFTER_MS);
    return () => clearTimeout(timer);
  }, [now]);
  return now && settled;
}

export type Charts = ReturnType<typeof useCharts>;

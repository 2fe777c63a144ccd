/** What every chart of results is given: the shown reports, and the element that all of them mark. */
import { useEffect, useMemo, useState } from "react";
import { comparable } from "../state/results.ts";
import { staleOf } from "../state/standing.ts";
import { useStoreOf, useWorkbench } from "../state/workbench.ts";

export function useCharts() {
  const { runs, source, highlight: marks, marks: inspected } = useWorkbench();
  const results = useStoreOf(runs.store, (s) => s);
  const highlight = useStoreOf(marks, (s) => s.highlight);
  const onHighlight = useStoreOf(marks, (s) => s.point);
  const inspections = useStoreOf(inspected.store, (s) => s);
  const opening = useStoreOf(source.store, (s) => s.status === "opening");

  const old = useMemo(() => staleOf(results.a, results.b, opening), [results.a, results.b, opening]);
  const settled = useSettled(old !== null);
  // A mistake is no matter of a moment.
  const stale = settled || old?.coming === false ? old : null;

  const { a, b } = comparable(results);
  const shown = useMemo(() => ({ a, b }), [a, b]);
  const pair = { a: a?.report ?? null, b: b?.report ?? null, stale };
  return {
    /** The results that may stand side by side, with the requests that made them; the same object while they are. */
    shown,
    /** Their reports, and what is to be said where they are not of what is asked for. */
    pair,
    highlight,
    onHighlight,
    /** The marked element, spelled out under A and B. */
    inspections,
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

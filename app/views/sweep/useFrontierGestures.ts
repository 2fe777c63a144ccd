/** Pointer and keys on the chart: point, tap, brush to zoom, walk from point to point, send to A or B. */
import { type KeyboardEvent, type PointerEvent, useRef, useState } from "react";
import type { Range, Side } from "../../charts/types.ts";
import { panRange, zoomRange } from "../../charts/zoom.ts";
import type { Axes, Extent } from "./axes.ts";
import type { Box } from "./labels.ts";
import { BITS, isLog, type SweepMetric } from "./state.ts";

interface Gestures {
  axes: Axes;
  extent: Extent;
  whole: Extent;
  metric: SweepMetric;
  against: SweepMetric;
  /** The point nearest to a place, by its key; null where none is near. */
  nearest: (x: number, y: number, reach: number) => string | null;
  /** Keys of the points on the screen by bits, and of those on the frontier. */
  order: readonly string[];
  frontier: readonly string[];
  marked: string | null;
  onMark: (key: string | null, pinned: boolean) => void;
  onSend: (key: string, side: Side) => void;
  onZoom: (extent: Extent | null) => void;
}

const TAP = 5;
const LEAST = 12;
const REACH = { mouse: 18, touch: 36 };

/** The range zoomed about its middle, on the axis's own scale; null where that is all of it. */
export function zoomed(
  extent: Extent,
  whole: Extent,
  factor: number,
  metric: SweepMetric,
  against: SweepMetric = BITS,
): Extent | null {
  const along = (name: SweepMetric, axis: "x" | "y"): Range => {
    const log = isLog(name);
    const [range, bounds] = [steps(extent[axis], log), steps(whole[axis], log)];
    const least = name === BITS ? LEAST_BITS : (bounds.hi - bounds.lo) / 1e4;
    return values(zoomRange(range, (range.lo + range.hi) / 2, factor, bounds, least), log);
  };
  return normal({ x: along(against, "x"), y: along(metric, "y") }, whole, factor > 1);
}

/** Recipes that lie nearer are told apart by no axis. */
const LEAST_BITS = 0.01;

/** A range in the even steps of its axis, and back. */
const steps = (r: Range, log: boolean): Range => (log ? { lo: Math.log10(r.lo), hi: Math.log10(r.hi) } : r);
const values = (r: Range, log: boolean): Range => (log ? { lo: 10 ** r.lo, hi: 10 ** r.hi } : r);

/** Null where both ranges are all there is. */
function normal(next: Extent, whole: Extent, outwards: boolean): Extent | null {
  const all = (r: Range, w: Range) =>
    Math.abs(r.lo - w.lo) <= 1e-9 * Math.abs(w.hi) && Math.abs(r.hi - w.hi) <= 1e-9 * Math.abs(w.hi);
  return outwards && all(next.x, whole.x) && all(next.y, whole.y) ? null : next;
}

export function useFrontierGestures(g: Gestures) {
  const from = useRef<{ x: number; y: number; id: number; touch: boolean } | null>(null);
  const [brush, setBrush] = useState<Box | null>(null);
  const at = (e: PointerEvent<HTMLElement>) => {
    const box = e.currentTarget.getBoundingClientRect();
    return { x: e.clientX - box.left + g.axes.frame.left, y: e.clientY - box.top };
  };
  const boxOf = (x: number, y: number): Box | null => {
    const start = from.current;
    if (!start || Math.hypot(x - start.x, start.touch ? 0 : y - start.y) <= TAP) return null;
    const { left, right, top, bottom } = g.axes;
    const clamp = (v: number, lo: number, hi: number) => Math.min(hi, Math.max(lo, v));
    const [xa, xb] = [clamp(start.x, left, right), clamp(x, left, right)].sort((a, b) => a - b);
    // A finger moves the page up and down, so that it brushes the lower axis alone.
    const [ya, yb] = start.touch
      ? [top, bottom]
      : [clamp(start.y, top, bottom), clamp(y, top, bottom)].sort((a, b) => a - b);
    return { x0: xa, x1: xb, y0: ya, y1: yb };
  };
  const reach = (e: PointerEvent) => (e.pointerType === "mouse" ? REACH.mouse : REACH.touch);
  const walk = (keys: readonly string[], by: number) => {
    if (keys.length === 0) return;
    const now = g.marked === null ? -1 : keys.indexOf(g.marked);
    const next = now < 0 ? (by > 0 ? 0 : keys.length - 1) : Math.min(keys.length - 1, Math.max(0, now + by));
    g.onMark(keys[next], true);
  };

  return {
    brush,
    handlers: {
      onPointerDown(e: PointerEvent<HTMLElement>) {
        if (e.button !== 0) return;
        from.current = { ...at(e), id: e.pointerId, touch: e.pointerType === "touch" };
        e.currentTarget.setPointerCapture(e.pointerId);
      },
      onPointerMove(e: PointerEvent<HTMLElement>) {
        const { x, y } = at(e);
        if (from.current) return setBrush(boxOf(x, y));
        g.onMark(g.nearest(x, y, reach(e)), false);
      },
      onPointerUp(e: PointerEvent<HTMLElement>) {
        const { x, y } = at(e);
        const box = boxOf(x, y);
        const began = from.current;
        from.current = null;
        setBrush(null);
        if (!began) return;
        if (!box) return g.onMark(g.nearest(x, y, reach(e)), true);
        if (box.x1 - box.x0 < LEAST || box.y1 - box.y0 < LEAST) return;
        const brushed = {
          x: { lo: g.axes.atX(box.x0), hi: g.axes.atX(box.x1) },
          y: { lo: g.axes.atY(box.y1), hi: g.axes.atY(box.y0) },
        };
        // Not further in than the keys go.
        g.onZoom(zoomed(brushed, g.whole, 1, g.metric, g.against));
      },
      onPointerCancel() {
        from.current = null;
        setBrush(null);
      },
      onPointerLeave(e: PointerEvent<HTMLElement>) {
        if (e.pointerType === "mouse" && !from.current) g.onMark(null, false);
      },
      onDoubleClick: () => g.onZoom(null),
      onKeyDown(e: KeyboardEvent<HTMLElement>) {
        if (e.ctrlKey || e.metaKey || e.altKey) return;
        const zoom = (factor: number) => g.onZoom(zoomed(g.extent, g.whole, factor, g.metric, g.against));
        const pan = (by: number) => {
          const log = isLog(g.against);
          const [x, bounds] = [steps(g.extent.x, log), steps(g.whole.x, log)];
          g.onZoom({ ...g.extent, x: values(panRange(x, by * (x.hi - x.lo), bounds), log) });
        };
        const act = new Map<string, () => void>([
          ["ArrowRight", () => (e.shiftKey ? pan(0.2) : walk(g.order, 1))],
          ["ArrowLeft", () => (e.shiftKey ? pan(-0.2) : walk(g.order, -1))],
          ["ArrowDown", () => walk(g.frontier, 1)],
          ["ArrowUp", () => walk(g.frontier, -1)],
          ["Home", () => walk(g.frontier, Number.NEGATIVE_INFINITY)],
          ["End", () => walk(g.frontier, Number.POSITIVE_INFINITY)],
          ["Enter", () => g.marked !== null && g.onSend(g.marked, e.shiftKey ? "b" : "a")],
          ["+", () => zoom(0.5)],
          ["=", () => zoom(0.5)],
          ["-", () => zoom(2)],
          ["0", () => g.onZoom(null)],
        ]).get(e.key);
        if (!act) return;
        e.preventDefault();
        act();
      },
    },
  };
}

import { type KeyboardEvent, type PointerEvent, useRef } from "react";
import type { Range } from "./types.ts";
import { panRange, sameRange, zoomRange } from "./zoom.ts";

export interface RangeGestures {
  /** What is on screen. */
  shown: Range;
  bounds: Range;
  /** What is shown where no range is asked for, if that is not all of the bounds. */
  home?: Range;
  /** Value at a distance in pixels from the left edge of the element. */
  valueAt: (px: number) => number;
  /** The narrowest range to zoom to. */
  least: number;
  onMove: (range: Range | null) => void;
  onSet: (range: Range | null) => void;
  /** The pointer's value, and the stretch being brushed. */
  onPoint: (value: number | null, brush: Range | null) => void;
  onTap?: (value: number) => void;
}

/** A drag shorter than this is a tap. */
const TAP = 5;

/**
 * Brush to zoom by mouse, pen or finger, pinch with two fingers, and keys: + - zoom, arrows pan, 0 shows everything.
 * Vertical swipes stay with the page (`touch-action: pan-y`).
 */
export function useRangeGestures(g: RangeGestures) {
  const pointers = useRef(new Map<number, number>());
  const from = useRef<{ px: number; pinch: Range | null; gap: number } | null>(null);
  const at = (e: PointerEvent<HTMLElement>) => e.clientX - e.currentTarget.getBoundingClientRect().left;
  const home = g.home ?? g.bounds;
  const normal = (range: Range) => (sameRange(range, home) ? null : range);
  // Cut to the bounds a range is as wide as they are: all of it.
  const all = () => g.onSet(normal(g.bounds));
  const zoom = (factor: number, centre = (g.shown.lo + g.shown.hi) / 2) =>
    g.onMove(normal(zoomRange(g.shown, centre, factor, g.bounds, g.least)));
  const brushOf = (px: number): Range => {
    const [x, y] = [g.valueAt(from.current?.px ?? px), g.valueAt(px)];
    return { lo: Math.max(g.shown.lo, Math.min(x, y)), hi: Math.min(g.shown.hi, Math.max(x, y)) };
  };
  const spread = () => {
    const [x, y] = [...pointers.current.values()];
    return { gap: Math.max(8, Math.abs(x - y)), centre: (x + y) / 2 };
  };

  return {
    zoom,
    all,
    handlers: {
      onPointerDown(e: PointerEvent<HTMLElement>) {
        if (e.button !== 0) return;
        pointers.current.set(e.pointerId, at(e));
        e.currentTarget.setPointerCapture(e.pointerId);
        const two = pointers.current.size === 2;
        from.current = { px: at(e), pinch: two ? g.shown : null, gap: two ? spread().gap : 0 };
        g.onPoint(g.valueAt(at(e)), null);
      },
      onPointerMove(e: PointerEvent<HTMLElement>) {
        const px = at(e);
        if (pointers.current.has(e.pointerId)) pointers.current.set(e.pointerId, px);
        const start = from.current;
        if (start?.pinch && pointers.current.size === 2) {
          const { gap, centre } = spread();
          g.onMove(normal(zoomRange(start.pinch, g.valueAt(centre), start.gap / gap, g.bounds, g.least)));
        } else g.onPoint(g.valueAt(px), start && !start.pinch && Math.abs(px - start.px) > TAP ? brushOf(px) : null);
      },
      onPointerUp(e: PointerEvent<HTMLElement>) {
        const px = at(e);
        const start = from.current;
        pointers.current.delete(e.pointerId);
        if (pointers.current.size > 0) return;
        from.current = null;
        g.onPoint(g.valueAt(px), null);
        if (!start || start.pinch) return;
        if (Math.abs(px - start.px) <= TAP) return g.onTap?.(g.valueAt(px));
        const [x, y] = [g.valueAt(start.px), g.valueAt(px)];
        const [lo, hi] = [Math.max(g.shown.lo, Math.min(x, y)), Math.min(g.shown.hi, Math.max(x, y))];
        if (hi - lo >= g.least) g.onSet(normal({ lo, hi }));
      },
      onPointerCancel(e: PointerEvent<HTMLElement>) {
        pointers.current.delete(e.pointerId);
        from.current = null;
        g.onPoint(null, null);
      },
      onPointerLeave(e: PointerEvent<HTMLElement>) {
        if (e.pointerType === "mouse" && !pointers.current.has(e.pointerId)) g.onPoint(null, null);
      },
      onDoubleClick: () => (g.home && sameRange(g.shown, g.home) ? all() : g.onSet(null)),
      onKeyDown(e: KeyboardEvent<HTMLElement>) {
        if (e.ctrlKey || e.metaKey || e.altKey) return;
        const step = (g.shown.hi - g.shown.lo) * (e.shiftKey ? 0.5 : 0.1);
        const pan = (by: number) => g.onMove(normal(panRange(g.shown, by, g.bounds)));
        if (e.key === "+" || e.key === "=") zoom(0.5);
        else if (e.key === "-" || e.key === "_") zoom(2);
        else if (e.key === "ArrowLeft") pan(-step);
        else if (e.key === "ArrowRight") pan(step);
        else if (e.key === "0") all();
        else return;
        e.preventDefault();
      },
    },
  };
}

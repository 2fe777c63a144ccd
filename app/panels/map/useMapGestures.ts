import { type KeyboardEvent, type PointerEvent, useCallback, useEffect, useRef } from "react";
import type { Highlight, MatrixWindow, OnHighlight } from "../../charts/types.ts";
import { normalWindow, panWindow, reveal, zoomWindow } from "../../charts/zoom.ts";

export interface MapGestures {
  view: MatrixWindow;
  rows: number;
  cols: number;
  /** The plot, in CSS pixels. */
  width: number;
  height: number;
  highlight: Highlight | null;
  onHighlight: OnHighlight;
  onMove: (view: MatrixWindow | null) => void;
  onSet: (view: MatrixWindow | null) => void;
}

interface Point {
  x: number;
  y: number;
}

/** A drag shorter than this is a tap. */
const TAP = 6;
/** A swipe across is at least this long. */
const SWIPE = 40;

/**
 * Wheel and pinch zoom about the pointer, drags pan, a tap pins; arrows step through elements, with shift they pan,
 * + and - zoom, 0 shows everything, Page Up and Page Down step by a tenth of what is seen, Enter pins. Escape is the page's own.
 */
export function useMapGestures(g: MapGestures) {
  const pointers = useRef(new Map<number, Point>());
  const start = useRef<{ view: MatrixWindow; at: Point; gap: number; moved: boolean } | null>(null);
  const last = useRef(g);
  useEffect(() => {
    last.current = g;
  });

  const colAt = (m: MapGestures, view: MatrixWindow, x: number) => view.col0 + (x / m.width) * (view.col1 - view.col0);
  const rowAt = (m: MapGestures, view: MatrixWindow, y: number) => view.row0 + (y / m.height) * (view.row1 - view.row0);
  const at = (e: PointerEvent<HTMLElement>): Point => {
    const box = e.currentTarget.getBoundingClientRect();
    return { x: e.clientX - box.left, y: e.clientY - box.top };
  };
  const normal = (view: MatrixWindow) => normalWindow(view, g.rows, g.cols);
  const zoom = (factor: number) => {
    const h = g.highlight;
    const seen =
      h && h.row >= g.view.row0 && h.row < g.view.row1 && h.col >= g.view.col0 && h.col < g.view.col1 ? h : null;
    const row = seen ? seen.row + 0.5 : (g.view.row0 + g.view.row1) / 2;
    const col = seen ? seen.col + 0.5 : (g.view.col0 + g.view.col1) / 2;
    g.onMove(normal(zoomWindow(g.view, row, col, factor, g.rows, g.cols)));
  };
  const point = (p: Point, pinned: boolean) => {
    const row = Math.floor(rowAt(g, g.view, p.y));
    const col = Math.floor(colAt(g, g.view, p.x));
    if (row < 0 || row >= g.rows || col < 0 || col >= g.cols) return;
    const h = g.highlight;
    if (!pinned && h && (h.pinned || (h.row === row && h.col === col))) return;
    g.onHighlight({ row, col, pinned });
  };
  const spread = () => {
    const [p, q] = [...pointers.current.values()];
    return { gap: Math.max(16, Math.hypot(p.x - q.x, p.y - q.y)), at: { x: (p.x + q.x) / 2, y: (p.y + q.y) / 2 } };
  };
  const begin = () => {
    const two = pointers.current.size === 2 ? spread() : null;
    const [one] = pointers.current.values();
    start.current = one ? { view: g.view, at: two?.at ?? one, gap: two?.gap ?? 0, moved: two !== null } : null;
  };
  const step = (dRow: number, dCol: number) => {
    const h = g.highlight;
    const clamp = (v: number, n: number) => Math.max(0, Math.min(n - 1, v));
    const row = h ? clamp(h.row + dRow, g.rows) : clamp(Math.floor((g.view.row0 + g.view.row1) / 2), g.rows);
    const col = h ? clamp(h.col + dCol, g.cols) : clamp(Math.floor((g.view.col0 + g.view.col1) / 2), g.cols);
    g.onHighlight({ row, col, pinned: true });
    const shown = reveal(g.view, row, col, g.rows, g.cols);
    if (shown.row0 !== g.view.row0 || shown.col0 !== g.view.col0) g.onMove(normal(shown));
  };

  /** Wheel events have to be refused to the page, which React's own listeners cannot do. */
  const wheel = useCallback((element: HTMLElement | null) => {
    if (!element) return;
    const onWheel = (e: WheelEvent) => {
      const m = last.current;
      const factor = Math.exp(Math.max(-1, Math.min(1, e.deltaY * (e.deltaMode === 1 ? 0.05 : 0.0015))));
      const box = element.getBoundingClientRect();
      const [x, y] = [e.clientX - box.left, e.clientY - box.top];
      const row = m.view.row0 + (y / m.height) * (m.view.row1 - m.view.row0);
      const col = m.view.col0 + (x / m.width) * (m.view.col1 - m.view.col0);
      const next = normalWindow(zoomWindow(m.view, row, col, factor, m.rows, m.cols), m.rows, m.cols);
      if (next === null && factor > 1 && normalWindow(m.view, m.rows, m.cols) === null) return;
      e.preventDefault();
      m.onMove(next);
    };
    element.addEventListener("wheel", onWheel, { passive: false });
    return () => element.removeEventListener("wheel", onWheel);
  }, []);

  return {
    zoom,
    wheel,
    handlers: {
      onPointerDown(e: PointerEvent<HTMLElement>) {
        if (e.button !== 0) return;
        e.currentTarget.setPointerCapture(e.pointerId);
        pointers.current.set(e.pointerId, at(e));
        begin();
      },
      onPointerMove(e: PointerEvent<HTMLElement>) {
        const p = at(e);
        if (!pointers.current.has(e.pointerId)) return point(p, false);
        pointers.current.set(e.pointerId, p);
        const s = start.current;
        if (!s) return;
        if (pointers.current.size === 2) {
          const now = spread();
          const zoomed = zoomWindow(
            s.view,
            rowAt(g, s.view, s.at.y),
            colAt(g, s.view, s.at.x),
            s.gap / now.gap,
            g.rows,
            g.cols,
          );
          const [perRow, perCol] = [(zoomed.row1 - zoomed.row0) / g.height, (zoomed.col1 - zoomed.col0) / g.width];
          g.onMove(
            normal(panWindow(zoomed, (s.at.y - now.at.y) * perRow, (s.at.x - now.at.x) * perCol, g.rows, g.cols)),
          );
          return;
        }
        const [dx, dy] = [p.x - s.at.x, p.y - s.at.y];
        if (!s.moved && Math.hypot(dx, dy) <= TAP) return;
        s.moved = true;
        const dRow = (-dy / g.height) * (s.view.row1 - s.view.row0);
        const dCol = (-dx / g.width) * (s.view.col1 - s.view.col0);
        g.onMove(normal(panWindow(s.view, dRow, dCol, g.rows, g.cols)));
      },
      onPointerUp(e: PointerEvent<HTMLElement>) {
        const s = start.current;
        pointers.current.delete(e.pointerId);
        if (s && !s.moved) point(at(e), true);
        // Where there is nothing to pan, a swipe across steps to the next element.
        const across = s && !s.gap && e.pointerType !== "mouse" ? at(e).x - s.at.x : 0;
        if (Math.abs(across) > SWIPE && normal(g.view) === null && g.highlight) step(0, across < 0 ? 1 : -1);
        begin();
        if (start.current) start.current.moved = true;
      },
      onPointerCancel(e: PointerEvent<HTMLElement>) {
        pointers.current.delete(e.pointerId);
        begin();
      },
      onPointerLeave(e: PointerEvent<HTMLElement>) {
        if (e.pointerType === "mouse" && !g.highlight?.pinned && !pointers.current.has(e.pointerId))
          g.onHighlight(null);
      },
      onKeyDown(e: KeyboardEvent<HTMLElement>) {
        if (e.ctrlKey || e.metaKey || e.altKey) return;
        const arrow = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[e.key];
        const [tall, wide] = [g.view.row1 - g.view.row0, g.view.col1 - g.view.col0];
        if (arrow && e.shiftKey)
          g.onMove(normal(panWindow(g.view, (arrow[0] * tall) / 5, (arrow[1] * wide) / 5, g.rows, g.cols)));
        else if (arrow) step(arrow[0], arrow[1]);
        else if (e.key === "PageUp") step(-Math.max(1, Math.round(tall / 10)), 0);
        else if (e.key === "PageDown") step(Math.max(1, Math.round(tall / 10)), 0);
        else if (e.key === "+" || e.key === "=") zoom(0.5);
        else if (e.key === "-" || e.key === "_") zoom(2);
        else if (e.key === "0") g.onSet(null);
        else if (e.key === "Enter" || e.key === " ") step(0, 0);
        else return;
        e.preventDefault();
      },
    },
  };
}

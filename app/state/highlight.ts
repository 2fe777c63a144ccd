/** The one element every chart marks. A hover moves it; a click, a tap or a key pins it until Escape. */
import { createStore } from "zustand/vanilla";

export interface Highlight {
  row: number;
  col: number;
  /** A pinned element stays while the pointer moves elsewhere. */
  pinned: boolean;
}

export interface HighlightState {
  highlight: Highlight | null;
  /** Marks an element; a hover (`pinned: false`) does not move a pinned mark, and leaving clears only an unpinned one. */
  point(next: Highlight | null): void;
  /** Takes the pin off and clears the mark. */
  release(): void;
  /** Moves a pinned mark within a matrix of the given size, and pins it; starts at the first element. */
  step(rows: number, cols: number, dRow: number, dCol: number): void;
}

export const createHighlightStore = () =>
  createStore<HighlightState>((set, get) => ({
    highlight: null,
    point(next) {
      const now = get().highlight;
      if (now?.pinned && !next?.pinned) return;
      if (now === next || (now && next && now.row === next.row && now.col === next.col && now.pinned === next.pinned))
        return;
      set({ highlight: next });
    },
    release() {
      if (get().highlight) set({ highlight: null });
    },
    step(rows, cols, dRow, dCol) {
      if (rows < 1 || cols < 1) return;
      const now = get().highlight;
      const clamp = (value: number, size: number) => Math.min(size - 1, Math.max(0, value));
      const row = now ? clamp(now.row + dRow, rows) : 0;
      const col = now ? clamp(now.col + dCol, cols) : 0;
      set({ highlight: { row, col, pinned: true } });
    },
  }));

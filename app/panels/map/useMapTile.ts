import { useEffect, useRef, useState } from "react";
import type { Report } from "../../../kernels/measure/report.ts";
import type { MatrixWindow } from "../../charts/types.ts";
import { fetchWindow } from "../../charts/zoom.ts";
import { type MapTile, replyTile, SIGNED_AT } from "./mapField.ts";
import type { LoadWindow } from "./useWindows.ts";

/** Pixels that a fetched tile has at most in either direction. */
const MOST = 1024;
/** A gesture rests this long before its window is fetched, in milliseconds. */
const REST = 90;

interface Wanted {
  a: Report | null;
  b: Report | null;
  view: MatrixWindow;
  coarse: MapTile | null;
  rows: number;
  cols: number;
  /** The plot, in CSS pixels. */
  width: number;
  height: number;
  load: LoadWindow;
}

/**
 * The detailed tile for what is on screen. The last one stays until the next arrives; `problem` says in a sentence why
 * it does not.
 */
export function useMapTile(w: Wanted): { tile: MapTile | null; problem: string | null } {
  const [got, setGot] = useState<{ a: Report | null; b: Report | null; tile: MapTile } | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const turn = useRef(0);
  const load = useRef(w.load);
  useEffect(() => {
    load.current = w.load;
  });
  const { a, b, view, coarse, rows, cols, width, height } = w;
  const fresh = got !== null && got.a === a && got.b === b;
  const enough =
    (fresh && suffices(got.tile, view, width, height)) || (coarse !== null && suffices(coarse, view, width, height));

  useEffect(() => {
    const mine = ++turn.current;
    if (enough || !(a || b) || width < 2 || height < 2) return;
    const timer = setTimeout(() => {
      const area = fetchWindow(view, rows, cols);
      const density = (span: number, whole: number, pixels: number) =>
        Math.max(1, Math.min(span, MOST, Math.ceil((span / whole) * pixels)));
      const outRows = density(area.row1 - area.row0, view.row1 - view.row0, height);
      const outCols = density(area.col1 - area.col0, view.col1 - view.col0, width);
      load.current({ ...area, outRows, outCols }).then(
        (reply) => {
          if (mine !== turn.current) return;
          setGot({ a, b, tile: replyTile(reply, a !== null, b !== null) });
          setProblem(null);
        },
        (error: unknown) => {
          if (mine !== turn.current || (error instanceof Error && error.name === "AbortError")) return;
          setProblem(error instanceof Error ? error.message : String(error));
        },
      );
    }, REST);
    return () => clearTimeout(timer);
  }, [a, b, view, rows, cols, width, height, enough]);

  const fits = got !== null && got.tile.row1 <= rows && got.tile.col1 <= cols;
  return { tile: fits ? got.tile : null, problem };
}

/** Whether a tile covers the window and is as fine as the screen, or as the matrix. */
function suffices(tile: MapTile, view: MatrixWindow, width: number, height: number): boolean {
  const covers = tile.row0 <= view.row0 && tile.row1 >= view.row1 && tile.col0 <= view.col0 && tile.col1 >= view.col1;
  if (!covers) return false;
  const signsSeen = width / (view.col1 - view.col0) >= SIGNED_AT && height / (view.row1 - view.row0) >= SIGNED_AT;
  if (tile.elements) return !signsSeen || tile.signed.a !== null || tile.signed.b !== null;
  const cellsAcross = ((view.col1 - view.col0) / (tile.col1 - tile.col0)) * tile.outCols;
  const cellsDown = ((view.row1 - view.row0) / (tile.row1 - tile.row0)) * tile.outRows;
  return (
    cellsAcross >= Math.min(width * 0.75, view.col1 - view.col0) &&
    cellsDown >= Math.min(height * 0.75, view.row1 - view.row0)
  );
}

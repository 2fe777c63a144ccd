import { memo, type PointerEvent, useLayoutEffect, useMemo, useRef } from "react";
import type { ColorTable } from "../../charts/colormap.ts";
import type { MatrixWindow } from "../../charts/types.ts";
import { panWindow, wholeMatrix } from "../../charts/zoom.ts";
import { fieldKind, fieldOf, type MapTile, scaleFor } from "./mapField.ts";
import { paint, rasterize } from "./mapPainter.ts";
import type { HeatMapMode } from "./options.ts";

interface MinimapProps {
  coarse: MapTile;
  mode: HeatMapMode;
  log: boolean;
  diverging: ColorTable;
  sequential: ColorTable;
  rows: number;
  cols: number;
  view: MatrixWindow;
  onMove: (view: MatrixWindow) => void;
}

/** Its size in CSS pixels: as high as the two lines of text that it stands beside. */
const HEIGHT = 34;
const WIDTH = { least: 34, most: 96 };

/** The whole matrix beside the map, where it hides nothing, with a frame around what is seen; drag or tap moves the frame. Keys do it on the map. */
export const Minimap = memo(function Minimap(props: MinimapProps) {
  const { coarse, mode, log, diverging, sequential, rows, cols, view } = props;
  const ref = useRef<HTMLCanvasElement>(null);
  const width = Math.round(Math.max(WIDTH.least, Math.min(WIDTH.most, (HEIGHT * cols) / rows)));
  const raster = useMemo(() => {
    const kind = fieldKind(mode, log, false);
    const field = fieldOf(coarse, mode, kind);
    return (
      field &&
      rasterize(coarse, field, scaleFor(coarse, kind, log, coarse), kind === "magnitude" ? sequential : diverging)
    );
  }, [coarse, mode, log, diverging, sequential]);
  useLayoutEffect(() => {
    const ctx = ref.current?.getContext("2d");
    if (ctx && raster) paint(ctx, { view: wholeMatrix(rows, cols), width, height: HEIGHT }, [raster]);
  }, [raster, rows, cols, width]);

  const centre = (e: PointerEvent<HTMLElement>) => {
    const box = e.currentTarget.getBoundingClientRect();
    const row = ((e.clientY - box.top) / box.height) * rows;
    const col = ((e.clientX - box.left) / box.width) * cols;
    props.onMove(panWindow(view, row - (view.row0 + view.row1) / 2, col - (view.col0 + view.col1) / 2, rows, cols));
  };
  const percent = (n: number) => `${100 * n}%`;
  return (
    <div
      className="relative shrink-0 touch-none overflow-hidden rounded-sm border border-ink/60 bg-panel"
      style={{ width, height: HEIGHT, boxSizing: "content-box" }}
      onPointerDown={(e) => {
        e.currentTarget.setPointerCapture(e.pointerId);
        centre(e);
      }}
      onPointerMove={(e) => e.currentTarget.hasPointerCapture(e.pointerId) && centre(e)}
    >
      <canvas ref={ref} width={width} height={HEIGHT} data-minimap="" className="block" />
      <div
        className="absolute min-h-1 min-w-1 border-2 border-mark"
        style={{
          left: percent(view.col0 / cols),
          top: percent(view.row0 / rows),
          width: percent((view.col1 - view.col0) / cols),
          height: percent((view.row1 - view.row0) / rows),
        }}
      />
    </div>
  );
});

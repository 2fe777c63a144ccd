import { memo, type PointerEvent, useLayoutEffect, useMemo, useRef } from "react";
import type { ColorTable } from "./colormap.ts";
import { MAP_MARGIN } from "./HeatMapAxes.tsx";
import { fieldKind, fieldOf, type MapTile, scaleFor } from "./mapField.ts";
import { paint, rasterize } from "./mapPainter.ts";
import type { HeatMapMode, MatrixWindow } from "./types.ts";
import { panWindow, wholeMatrix } from "./zoom.ts";

interface MinimapProps {
  coarse: MapTile;
  mode: HeatMapMode;
  log: boolean;
  diverging: ColorTable;
  sequential: ColorTable;
  rows: number;
  cols: number;
  view: MatrixWindow;
  /** Size of the plot it lies in, in CSS pixels. */
  plot: { width: number; height: number };
  onMove: (view: MatrixWindow) => void;
}

/** The frame's greatest size, in pixels and as part of the plot. */
const MOST = { width: 88, height: 64, share: 0.22 };

/** The whole matrix in a corner, with a frame around what is seen; drag or tap moves the frame. Keys do it on the map. */
export const Minimap = memo(function Minimap(props: MinimapProps) {
  const { coarse, mode, log, diverging, sequential, rows, cols, view } = props;
  const ref = useRef<HTMLCanvasElement>(null);
  const width = Math.round(Math.min(MOST.width, props.plot.width * MOST.share));
  const tallest = Math.min(MOST.height, props.plot.height * 1.5 * MOST.share);
  const height = Math.round(Math.max(20, Math.min(tallest, (width * rows) / cols)));
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
    if (ctx && raster) paint(ctx, { view: wholeMatrix(rows, cols), width, height }, [raster]);
  }, [raster, rows, cols, width, height]);

  const centre = (e: PointerEvent<HTMLElement>) => {
    const box = e.currentTarget.getBoundingClientRect();
    const row = ((e.clientY - box.top) / box.height) * rows;
    const col = ((e.clientX - box.left) / box.width) * cols;
    props.onMove(panWindow(view, row - (view.row0 + view.row1) / 2, col - (view.col0 + view.col1) / 2, rows, cols));
  };
  const percent = (n: number) => `${100 * n}%`;
  return (
    <div
      className="absolute touch-none overflow-hidden rounded-sm border border-ink/60 bg-panel shadow"
      style={{
        right: MAP_MARGIN.right + 4,
        bottom: MAP_MARGIN.bottom + 4,
        width,
        height,
        boxSizing: "content-box",
      }}
      onPointerDown={(e) => {
        e.currentTarget.setPointerCapture(e.pointerId);
        centre(e);
      }}
      onPointerMove={(e) => e.currentTarget.hasPointerCapture(e.pointerId) && centre(e)}
    >
      <canvas ref={ref} width={width} height={height} data-minimap="" className="block" />
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

import { memo, useLayoutEffect, useMemo, useRef } from "react";
import type { BlockGrid } from "../../../kernels/report/report.ts";
import type { ColorScale, ColorTable } from "../../charts/colormap.ts";
import type { ThemeColors } from "../../charts/useThemeColors.ts";
import { MAP_MARGIN } from "./HeatMapAxes.tsx";
import { type FieldKind, fieldOf, type MapTile } from "./mapField.ts";
import { labelCells, outlineBlocks, type Projection, paint, rasterize } from "./mapPainter.ts";
import type { HeatMapMode } from "./options.ts";

interface HeatMapCanvasProps {
  projection: Projection;
  coarse: MapTile | null;
  detail: MapTile | null;
  mode: HeatMapMode;
  kind: FieldKind;
  scale: ColorScale;
  table: ColorTable;
  colors: ThemeColors;
  gridA: BlockGrid | null;
  gridB: BlockGrid | null;
}

/** The pixels of the heat map. Repainted when what is seen changes, never for a pointer. */
export const HeatMapCanvas = memo(function HeatMapCanvas(props: HeatMapCanvasProps) {
  const { projection, coarse, detail, mode, kind, scale, table, colors, gridA, gridB } = props;
  const ref = useRef<HTMLCanvasElement>(null);
  const under = useRaster(coarse, mode, kind, scale, table);
  const over = useRaster(detail, mode, kind, scale, table);
  const { width, height } = projection;

  useLayoutEffect(() => {
    const canvas = ref.current;
    const ctx = canvas?.getContext("2d");
    if (!canvas || !ctx) return;
    const density = window.devicePixelRatio || 1;
    const [w, h] = [Math.round(width * density), Math.round(height * density)];
    if (canvas.width !== w || canvas.height !== h) {
      canvas.width = w;
      canvas.height = h;
    }
    ctx.setTransform(density, 0, 0, density, 0, 0);
    const rasters = [under, over].filter((r) => r !== null);
    paint(ctx, projection, rasters);
    ctx.globalAlpha = 0.55;
    const line = outline(kind, colors);
    if (gridA) outlineBlocks(ctx, projection, gridA, line);
    if (gridB) {
      // The colours of A and B are those of the map of differences: there only the dashes tell them apart.
      ctx.setLineDash(gridA ? [4, 3] : []);
      outlineBlocks(ctx, projection, gridB, line);
      ctx.setLineDash([]);
    }
    ctx.globalAlpha = 1;
    if (over) {
      const field = fieldOf(over.tile, mode, kind);
      if (field) labelCells(ctx, projection, over.tile, field, scale, table);
    }
  }, [projection, width, height, under, over, mode, kind, scale, table, colors, gridA, gridB]);

  return (
    <canvas
      ref={ref}
      role="img"
      aria-label="Error of each part of the matrix, as colour"
      className="absolute bg-grid"
      style={{ left: MAP_MARGIN.left, top: MAP_MARGIN.top, width, height }}
    />
  );
});

/** Outlines have to be seen on cividis, which is dark and light, and on the neutral middle of the theme. */
const outline = (kind: FieldKind, colors: ThemeColors): string => (kind === "magnitude" ? "#ffffff" : colors["--ink"]);

function useRaster(tile: MapTile | null, mode: HeatMapMode, kind: FieldKind, scale: ColorScale, table: ColorTable) {
  return useMemo(() => {
    const field = tile && fieldOf(tile, mode, kind);
    return tile && field ? rasterize(tile, field, scale, table) : null;
  }, [tile, mode, kind, scale, table]);
}

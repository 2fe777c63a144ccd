/** Where the error lies, from the whole matrix down to single elements. */
import { useMemo, useState } from "react";
import { ChartFrame, Nothing } from "../../charts/ChartFrame.tsx";
import { Button, Choice } from "../../charts/Controls.tsx";
import { divergingTable, parseColor, sequentialTable } from "../../charts/colormap.ts";
import { formatCount } from "../../charts/numbers.ts";
import { PlotSurface } from "../../charts/PlotSurface.tsx";
import type { Highlight, MatrixWindow, OnHighlight, ReportPair } from "../../charts/types.ts";
import { useLive } from "../../charts/useLive.ts";
import { useSize } from "../../charts/useSize.ts";
import { useThemeColors } from "../../charts/useThemeColors.ts";
import { wholeMatrix } from "../../charts/zoom.ts";
import { HeatMapAxes, MAP_MARGIN } from "./HeatMapAxes.tsx";
import { HeatMapCanvas } from "./HeatMapCanvas.tsx";
import { Crosshair, MapReadout } from "./HeatMapMarks.tsx";
import { MapModes } from "./MapModes.tsx";
import { Minimap } from "./Minimap.tsx";
import { coarseTile, fieldKind, fieldLabel, fieldOf, type MapTile, SIGNED_AT, scaleFor } from "./mapField.ts";
import { isOutlined, type Projection } from "./mapPainter.ts";
import type { HeatMapMode } from "./options.ts";
import { useMapGestures } from "./useMapGestures.ts";
import { useMapTile } from "./useMapTile.ts";
import type { LoadWindow } from "./useWindows.ts";

export interface ErrorHeatMapProps extends ReportPair {
  mode: HeatMapMode;
  onMode: (mode: HeatMapMode) => void;
  /** `null` shows the whole matrix. */
  view: MatrixWindow | null;
  onView: (view: MatrixWindow | null) => void;
  /** Rejections are shown as a sentence. */
  loadWindow: LoadWindow;
  /** Shows the values in the map's place. */
  onValues?: () => void;
  highlight: Highlight | null;
  onHighlight: OnHighlight;
}

const sequential = sequentialTable();

export function ErrorHeatMap(props: ErrorHeatMapProps) {
  const { a, b, highlight } = props;
  const report = a ?? b;
  const rows = report?.matrix.rows ?? 0;
  const cols = report?.matrix.cols ?? 0;
  // A mode whose recipe is not there shows the one that is.
  const mode = a && b ? props.mode : a ? "a" : "b";
  const [log, setLog] = useState(true);
  const [ref, size] = useSize({ width: 560, height: 260 });
  const [live, move, set] = useLive<MatrixWindow | null>(props.view, props.onView);
  const view = useMemo(() => live ?? wholeMatrix(rows, cols), [live, rows, cols]);
  const width = Math.max(1, size.width - MAP_MARGIN.left - MAP_MARGIN.right);
  const height = Math.max(1, size.height - MAP_MARGIN.top - MAP_MARGIN.bottom);
  const projection = useMemo<Projection>(() => ({ view, width, height }), [view, width, height]);

  const coarse = useMemo(() => coarseTile(a?.map ?? null, b?.map ?? null, rows, cols), [a, b, rows, cols]);
  const { tile, problem } = useMapTile({ a, b, view, coarse, rows, cols, width, height, load: props.loadWindow });
  const near = width / (view.col1 - view.col0) >= SIGNED_AT && height / (view.row1 - view.row0) >= SIGNED_AT;
  const overlaps =
    tile && tile.row1 > view.row0 && tile.row0 < view.row1 && tile.col1 > view.col0 && tile.col0 < view.col1;
  const detail = overlaps ? tile : null;
  const signed = near && mode !== "difference" && detail?.signed[mode] != null;
  const kind = fieldKind(mode, log, signed);
  const foremost: MapTile | null = detail ?? coarse;
  // The owner's view changes when a gesture rests: colours do not shift under the moving hand.
  const rested = props.view;
  const scale = useMemo(
    () => (foremost ? scaleFor(foremost, kind, log, rested ?? foremost) : null),
    [foremost, kind, log, rested],
  );

  const colors = useThemeColors();
  const diverging = useMemo(
    () => divergingTable(parseColor(colors["--b"]), parseColor(colors["--panel"]), parseColor(colors["--a"])),
    [colors],
  );
  const table = kind === "magnitude" ? sequential : diverging;
  const grids = [mode === "b" ? null : (a?.grid ?? null), mode === "a" ? null : (b?.grid ?? null)] as const;

  const gestures = useMapGestures({
    ...{ view, rows, cols, width, height, highlight },
    onHighlight: props.onHighlight,
    onMove: move,
    onSet: set,
  });

  return (
    <ChartFrame
      chart="map"
      title="Error map"
      description={`Heat map of the ${fieldLabel(kind)} over ${formatCount(rows)} rows and ${formatCount(cols)} columns.`}
      stale={props.stale}
      minHeight={150}
      controls={
        <>
          <MapModes mode={mode} onMode={props.onMode} onValues={props.onValues} />
          <Choice
            label="Colour scale"
            value={log ? "log" : "linear"}
            options={[
              { value: "log", label: mode === "difference" ? "dB" : "log" },
              { value: "linear", label: "lin", name: "linear" },
            ]}
            onChange={(v) => setLog(v === "log")}
          />
          <span className="inline-flex gap-1">
            <Button label="+ zoom in on the map" onClick={() => gestures.zoom(0.5)}>
              +
            </Button>
            <Button label="− zoom out of the map" disabled={!live} onClick={() => gestures.zoom(2)}>
              −
            </Button>
            <Button label="Show all of the matrix" disabled={!live} onClick={() => set(null)}>
              all
            </Button>
          </span>
        </>
      }
      table={() => tableOf(foremost)}
      footer={
        <div className="flex items-end gap-2">
          <MapReadout a={a} b={b} tile={detail} coarse={coarse} highlight={highlight} problem={problem} />
          {live && coarse && (
            <Minimap {...{ coarse, mode, log, diverging, sequential, rows, cols, view }} onMove={move} />
          )}
        </div>
      }
    >
      <div ref={ref} className="absolute inset-0">
        {report && scale ? (
          <>
            <HeatMapCanvas
              {...{ projection, coarse, detail, mode, kind, scale, table, colors }}
              gridA={grids[0]}
              gridB={grids[1]}
            />
            <HeatMapAxes
              size={size}
              view={view}
              scale={scale}
              table={table}
              kind={kind}
              paired={mode === "difference" && grids.some((grid) => grid && isOutlined(projection, grid))}
            />
            <Crosshair size={size} projection={projection} highlight={highlight} grid={(mode === "b" ? b : a)?.grid} />
            <PlotSurface
              ref={gestures.wheel}
              kind="zoomable heat map"
              label="Error map: arrows step through elements, with shift they pan, plus and minus zoom, 0 shows everything, Enter pins"
              className={`cursor-crosshair ${live ? "touch-none" : "touch-pan-y"}`}
              style={{ left: MAP_MARGIN.left, top: MAP_MARGIN.top, width, height }}
              {...gestures.handlers}
            />
          </>
        ) : (
          <Nothing>No error map yet</Nothing>
        )}
      </div>
    </ChartFrame>
  );
}

function tableOf(tile: MapTile | null) {
  const caption = "Root mean square error of each cell of the map";
  if (!tile) return { caption, columns: ["row"], rows: [] };
  const magnitude = { a: fieldOf(tile, "a", "magnitude"), b: fieldOf(tile, "b", "magnitude") };
  const [perRow, perCol] = [(tile.row1 - tile.row0) / tile.outRows, (tile.col1 - tile.col0) / tile.outCols];
  return {
    caption,
    columns: ["from row", "from column", "rms error of A", "rms error of B"],
    rows: Array.from({ length: tile.outRows * tile.outCols }, (_, i) => [
      Math.floor(tile.row0 + Math.floor(i / tile.outCols) * perRow),
      Math.floor(tile.col0 + (i % tile.outCols) * perCol),
      magnitude.a?.[i] ?? null,
      magnitude.b?.[i] ?? null,
    ]),
  };
}

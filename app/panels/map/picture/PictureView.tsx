/** The tensor itself, before and after each recipe: blocks and posterization are seen at a glance. */
import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { ChartFrame, Nothing } from "../../../charts/ChartFrame.tsx";
import { Button } from "../../../charts/Controls.tsx";
import { divergingTable, parseColor } from "../../../charts/colormap.ts";
import { formatNumber } from "../../../charts/numbers.ts";
import { PlotSurface } from "../../../charts/PlotSurface.tsx";
import type { MatrixWindow } from "../../../charts/types.ts";
import type { Charts } from "../../../charts/useCharts.ts";
import { useLive } from "../../../charts/useLive.ts";
import { useSize } from "../../../charts/useSize.ts";
import { useThemeColors } from "../../../charts/useThemeColors.ts";
import { wholeMatrix } from "../../../charts/zoom.ts";
import { MapModes } from "../MapModes.tsx";
import type { HeatMapMode } from "../options.ts";
import { useMapGestures } from "../useMapGestures.ts";
import type { LoadWindow } from "../useWindows.ts";
import { pictureColours, valueColours } from "./colours.ts";
import { fetchRegion, type PictureShape, type Region, regionOf } from "./region.ts";

interface Props {
  charts: Charts;
  /** `null` for a tensor that is no picture: its matrix is drawn by sign and size. */
  picture: PictureShape | null;
  /** The part of the map that is shown, which a picture of one channel shares. */
  window: MatrixWindow | null;
  onView: (window: MatrixWindow | null) => void;
  loadWindow: LoadWindow;
  /** Shows errors in the picture's place, or the values. */
  onErrors: (mode: HeatMapMode) => void;
  onValues: () => void;
}

const GAP = 6;
const CAPTION = 20;

export function PictureView(props: Props) {
  const { charts, picture } = props;
  const { a, b, stale } = charts.pair;
  const matrix = (a ?? b)?.matrix;
  const shape = useMemo<PictureShape>(
    () => picture ?? { channels: 1, height: matrix?.rows ?? 0, width: matrix?.cols ?? 0 },
    [picture, matrix?.rows, matrix?.cols],
  );
  // A colour picture's rows are not the matrix's: its window is its own.
  const [own, setOwn] = useState<MatrixWindow | null>(null);
  const shared = shape.channels === 1;
  const [live, move, set] = useLive(shared ? props.window : own, shared ? props.onView : setOwn);
  const view = live ?? wholeMatrix(shape.height, shape.width);
  const [ref, size] = useSize({ width: 560, height: 260 });
  const { region, problem } = useRegion(charts, props.loadWindow, shape, view);
  const faces = [
    { name: "Before", samples: region?.before ?? null, mse: null },
    ...(a ? [{ name: "A", samples: region?.after.a ?? null, mse: a.metrics.mse }] : []),
    ...(b ? [{ name: "B", samples: region?.after.b ?? null, mse: b.metrics.mse }] : []),
  ];
  const { box, width } = arrange(size, faces.length, view, picture !== null);
  const gestures = useMapGestures({
    ...{ view, rows: shape.height, cols: shape.width, ...box },
    highlight: charts.highlight && { ...charts.highlight, row: charts.highlight.row % Math.max(1, shape.height) },
    onHighlight: charts.onHighlight,
    onMove: move,
    onSet: set,
  });
  const colors = useThemeColors();
  const table = useMemo(
    () => divergingTable(parseColor(colors["--b"]), parseColor(colors["--panel"]), parseColor(colors["--a"])),
    [colors],
  );
  const pixels = useCallback(
    (samples: Float32Array[]) =>
      picture || !region ? pictureColours(samples) : valueColours(samples[0], region.before[0], table),
    [picture, region, table],
  );
  const part =
    region &&
    (region.row1 - region.row0 < view.row1 - view.row0 - 1 || region.col1 - region.col0 < view.col1 - view.col0 - 1);
  return (
    <ChartFrame
      chart="picture"
      title={picture ? "Picture" : "Values"}
      description={`The ${picture ? "picture" : "matrix"} of ${shape.height} rows and ${shape.width} columns before and after each recipe.`}
      stale={stale}
      minHeight={150}
      controls={
        <>
          <MapModes mode={null} onMode={props.onErrors} onValues={props.onValues} />
          <span className="inline-flex gap-1">
            <Button label="+ zoom in on the picture" onClick={() => gestures.zoom(0.5)}>
              +
            </Button>
            <Button label="− zoom out of the picture" disabled={!live} onClick={() => gestures.zoom(2)}>
              −
            </Button>
            <Button label="Show all of the picture" disabled={!live} onClick={() => set(null)}>
              all
            </Button>
          </span>
        </>
      }
      table={() => tableOf(region)}
      footer={
        problem ? (
          <p role="alert" className="m-0 text-bad text-xs">
            {problem}
          </p>
        ) : part ? (
          <p className="m-0 text-muted text-xs">The middle is shown: zoom in to see another part.</p>
        ) : null
      }
    >
      <div ref={ref} className="absolute inset-0 flex flex-wrap content-start" style={{ columnGap: GAP }}>
        {region ? (
          faces.map(({ name, samples, mse }) => (
            <div key={name} className="min-w-0" style={{ width }}>
              <p className="m-0 truncate text-xs leading-5" style={{ height: CAPTION }}>
                <strong
                  className="font-semibold"
                  style={{ color: name === "Before" ? undefined : `var(--${name.toLowerCase()})` }}
                >
                  {name}
                </strong>
                {picture && mse !== null && <span className="text-muted"> {psnr(mse)}</span>}
              </p>
              <div className="relative" style={box}>
                {samples && <Face {...{ name, region, view, box }} pixels={pixels} samples={samples} />}
                <PlotSurface
                  ref={name === "Before" ? gestures.wheel : undefined}
                  kind="zoomable picture"
                  label={`${name}: arrows step through elements, with shift they pan, plus and minus zoom, 0 shows everything, Enter pins`}
                  className={`inset-0 cursor-crosshair ${live ? "touch-none" : "touch-pan-y"}`}
                  {...gestures.handlers}
                />
              </div>
            </div>
          ))
        ) : (
          <Nothing>No picture yet</Nothing>
        )}
      </div>
    </ChartFrame>
  );
}

/** Peak signal-to-noise ratio for samples from 0 to 1. */
const psnr = (mse: number): string => (mse > 0 ? `PSNR ${formatNumber(-10 * Math.log10(mse), 4)} dB` : "exact");

interface Box {
  width: number;
  height: number;
}

/** As many pictures in a row as make them largest; those of pictures keep the window's own proportions. */
function arrange(size: Box, count: number, view: MatrixWindow, proportioned: boolean): { box: Box; width: number } {
  const [tall, wide] = [view.row1 - view.row0, view.col1 - view.col0];
  const options = Array.from({ length: count }, (_, i) => {
    const perRow = i + 1;
    // Half a pixel less, so that rounding never wraps a row.
    const width = Math.max(1, (size.width - GAP * (perRow - 1)) / perRow - 0.5);
    const height = Math.max(1, size.height / Math.ceil(count / perRow) - CAPTION);
    const pixel = Math.min(width / wide, height / tall);
    const box = proportioned ? { width: wide * pixel, height: tall * pixel } : { width, height };
    return { box, width, worth: proportioned ? pixel : Math.min(width, height) };
  });
  return options.reduce((best, option) => (option.worth > best.worth ? option : best));
}

/** The samples of what is on screen; those before stay until the next are there. */
function useRegion({ pair }: Charts, loadWindow: LoadWindow, shape: PictureShape, view: MatrixWindow) {
  const [region, setRegion] = useState<Region | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const { row0, row1, col0, col1 } = regionOf(view, shape);
  const turn = useRef(0);
  const [hasA, hasB] = [pair.a !== null, pair.b !== null];
  useEffect(() => {
    const mine = ++turn.current;
    if (!(hasA || hasB) || row1 <= row0 || col1 <= col0) return;
    fetchRegion({ row0, row1, col0, col1 }, shape, { a: hasA, b: hasB }, loadWindow).then(
      (got) => {
        if (mine !== turn.current) return;
        setRegion(got);
        setProblem(null);
      },
      (error: unknown) => {
        if (mine !== turn.current || (error instanceof Error && error.name === "AbortError")) return;
        setProblem(error instanceof Error ? error.message : String(error));
      },
    );
  }, [row0, row1, col0, col1, shape, hasA, hasB, loadWindow]);
  return { region: region && region.before.length === shape.channels ? region : null, problem };
}

interface FaceProps {
  name: string;
  region: Region;
  view: MatrixWindow;
  box: { width: number; height: number };
  samples: Float32Array[];
  pixels: (samples: Float32Array[]) => Uint8ClampedArray<ArrayBuffer>;
}

function Face({ name, region, view, box, samples, pixels }: FaceProps) {
  const ref = useRef<HTMLCanvasElement>(null);
  const { width, height } = box;
  const image = useMemo(() => {
    const raster = document.createElement("canvas");
    raster.width = region.col1 - region.col0;
    raster.height = region.row1 - region.row0;
    const data = new ImageData(pixels(samples), raster.width, raster.height);
    raster.getContext("2d")?.putImageData(data, 0, 0);
    return raster;
  }, [region, samples, pixels]);
  useEffect(() => {
    const canvas = ref.current;
    const context = canvas?.getContext("2d");
    if (!canvas || !context) return;
    const density = window.devicePixelRatio || 1;
    canvas.width = Math.max(1, Math.round(width * density));
    canvas.height = Math.max(1, Math.round(height * density));
    const [perCol, perRow] = [canvas.width / (view.col1 - view.col0), canvas.height / (view.row1 - view.row0)];
    // Pixels that are larger than the screen's keep their edges.
    context.imageSmoothingEnabled = perCol < 1;
    const [x, y] = [(region.col0 - view.col0) * perCol, (region.row0 - view.row0) * perRow];
    context.drawImage(image, x, y, image.width * perCol, image.height * perRow);
  }, [image, region, view, width, height]);
  return (
    <canvas ref={ref} role="img" aria-label={`${name}, as a picture`} className="absolute inset-0 size-full bg-grid" />
  );
}

const LISTED = 512;

function tableOf(region: Region | null) {
  const caption = "The first values that are shown, before and after";
  const columns = ["row", "column", "before", "A", "B"];
  if (!region) return { caption, columns, rows: [] };
  const wide = region.col1 - region.col0;
  const [first] = region.before;
  const rows = Array.from({ length: Math.min(LISTED, first.length) }, (_, i) => [
    region.row0 + Math.floor(i / wide),
    region.col0 + (i % wide),
    first[i],
    region.after.a?.[0][i] ?? null,
    region.after.b?.[0][i] ?? null,
  ]);
  return { caption, columns, rows };
}

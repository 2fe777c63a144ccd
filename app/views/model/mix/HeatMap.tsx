/** Layers by roles, coloured by a signal or by what is assigned: read, marked, selected by a brush, opened on the Bench. */
import { type KeyboardEvent, type PointerEvent, useEffect, useMemo, useRef, useState } from "react";
import type { ScoreFile } from "../../../../workers/scores/types.ts";
import { ChartFrame, Nothing } from "../../../charts/ChartFrame.tsx";
import { Button } from "../../../charts/Controls.tsx";
import { sequentialTable } from "../../../charts/colormap.ts";
import { formatCount } from "../../../charts/numbers.ts";
import { PlotSurface } from "../../../charts/PlotSurface.tsx";
import type { Stale } from "../../../charts/types.ts";
import { useSize } from "../../../charts/useSize.ts";
import { useThemeColors } from "../../../charts/useThemeColors.ts";
import { type Colour, scaleOf } from "./colours.ts";
import { drawHeat, PROFILE } from "./drawHeat.ts";
import { HeatColours } from "./HeatColours.tsx";
import { HeatKey } from "./HeatKey.tsx";
import { boxOf, CELL, type CellBox, cellSize, figuresOf, type HeatFrame, layoutOf, tensorsIn } from "./heat.ts";
import { heatRows } from "./heatTable.ts";
import { boxText } from "./selection.ts";
import type { MixTensors } from "./tensors.ts";

interface Props {
  tensors: MixTensors;
  scores: ScoreFile;
  colour: Colour | null;
  folded: boolean;
  /** By tensor: 1 where it is selected, 2 where it is pinned. */
  flags: Uint8Array;
  marked: number | null;
  stale: Stale | null;
  onColour(id: string): void;
  onFolded(folded: boolean): void;
  onMark(tensor: number | null): void;
  /** `add`: beside what is selected already. */
  onSelect(text: string, add: boolean): void;
  onOpen(tensor: number): void;
  /** What a tensor got, in words. */
  words(tensor: number): string;
}

const PALETTE: readonly string[] = (() => {
  const table = sequentialTable();
  return Array.from({ length: 256 }, (_, i) => `rgb(${table[3 * i]},${table[3 * i + 1]},${table[3 * i + 2]})`);
})();
const LEFT = 92;
const TOP = PROFILE.top + PROFILE.ticks;
/** Pixels from which a press is a brush. */
const BRUSH = 5;

interface Place {
  row: number;
  column: number;
}

export function HeatMap(props: Props) {
  const { tensors, colour, folded, flags, marked, stale } = props;
  const [ref, size] = useSize({ width: 640, height: 260 });
  const colors = useThemeColors();
  const canvas = useRef<HTMLCanvasElement>(null);
  const scroller = useRef<HTMLDivElement>(null);
  const [scroll, setScroll] = useState({ x: 0, y: 0 });
  const [at, setAt] = useState<Place | null>(null);
  const [brush, setBrush] = useState<CellBox | null>(null);
  /** On a touch screen a finger scrolls, unless it is told to select. */
  const [selecting, setSelecting] = useState(false);
  const press = useRef<{ at: Place; x: number; y: number } | null>(null);

  const layout = useMemo(() => layoutOf(tensors, folded), [tensors, folded]);
  const figures = useMemo(
    () => colour && figuresOf(layout, colour.values, tensors.elements, colour.fold),
    [layout, colour, tensors],
  );
  const scale = useMemo(() => figures && colour && scaleOf(figures.cells.values, colour.log), [figures, colour]);
  const cellFlags = useMemo(() => {
    const out = new Uint8Array(layout.rows.length * layout.columns.length);
    for (let i = 0; i < flags.length; i++) out[layout.cell[i]] |= flags[i];
    return out;
  }, [layout, flags]);

  const room = { width: Math.max(40, size.width - LEFT - PROFILE.right), height: Math.max(20, size.height - TOP) };
  const cellWidth = cellSize(room.width, layout.columns.length, CELL.widest);
  const cellHeight = cellSize(room.height, layout.rows.length, CELL.highest);
  const whole = { width: layout.columns.length * cellWidth, height: layout.rows.length * cellHeight };
  const frame: HeatFrame = {
    ...{ left: LEFT, top: TOP, cellWidth, cellHeight },
    width: Math.min(room.width, whole.width),
    height: Math.min(room.height, whole.height),
    ...{ scrollX: scroll.x, scrollY: scroll.y },
  };

  const rowName = (row: number) => {
    const { role, expert } = layout.rows[row];
    return expert < 0 ? tensors.roles[role] : `${tensors.roles[role]} ${expert}`;
  };
  const columnName = (column: number) => (layout.columns[column] < 0 ? "ends" : String(layout.columns[column]));
  const cellOf = ({ row, column }: Place) => row * layout.columns.length + column;
  const filled = (place: Place) => layout.start[cellOf(place) + 1] > layout.start[cellOf(place)];
  const firstIn = (place: Place) => layout.order[layout.start[cellOf(place)]];

  // biome-ignore lint/correctness/useExhaustiveDependencies: names follow layout and tensors, the frame its parts
  useEffect(() => {
    const element = canvas.current;
    const ctx = element?.getContext("2d");
    if (!element || !ctx || !figures) return;
    const ratio = window.devicePixelRatio || 1;
    element.width = Math.round(size.width * ratio);
    element.height = Math.round(size.height * ratio);
    ctx.scale(ratio, ratio);
    const drawn = scale ?? { kind: "linear" as const, lo: 0, hi: 1 };
    drawHeat(ctx, {
      layout,
      figures,
      frame,
      scale: drawn,
      palette: PALETTE,
      rowName,
      columnName,
      across: tensors.layered ? "layer" : "number",
      flags: cellFlags,
      colors,
    });
  }, [layout, figures, scale, cellFlags, colors, size, scroll, cellWidth, cellHeight]);

  const find = (event: PointerEvent<HTMLElement>): Place | null => {
    const box = event.currentTarget.getBoundingClientRect();
    const column = Math.floor((event.clientX - box.left) / cellWidth);
    const row = Math.floor((event.clientY - box.top) / cellHeight);
    const inside = row >= 0 && row < layout.rows.length && column >= 0 && column < layout.columns.length;
    return inside ? { row, column } : null;
  };
  const show = ({ row, column }: Place) => {
    const element = scroller.current;
    if (!element) return;
    const [x, y] = [column * cellWidth, row * cellHeight];
    if (x < element.scrollLeft) element.scrollLeft = x;
    else if (x + cellWidth > element.scrollLeft + frame.width) element.scrollLeft = x + cellWidth - frame.width;
    if (y < element.scrollTop) element.scrollTop = y;
    else if (y + cellHeight > element.scrollTop + frame.height) element.scrollTop = y + cellHeight - frame.height;
  };
  const markedPlace: Place | null =
    marked === null
      ? null
      : {
          row: Math.floor(layout.cell[marked] / layout.columns.length),
          column: layout.cell[marked] % layout.columns.length,
        };
  const here = at ?? markedPlace;

  const select = (box: CellBox, add: boolean) => {
    if (tensorsIn(layout, box).length > 0) props.onSelect(boxText(tensors, layout, box), add);
  };
  const onKeyDown = (event: KeyboardEvent<HTMLElement>) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const [rows, columns] = [layout.rows.length, layout.columns.length];
    const from = here ?? { row: 0, column: -1 };
    const to = new Map<string, Place>([
      ["ArrowRight", { row: from.row, column: from.column + 1 }],
      ["ArrowLeft", { row: from.row, column: from.column - 1 }],
      ["ArrowDown", { row: from.row + 1, column: Math.max(0, from.column) }],
      ["ArrowUp", { row: from.row - 1, column: Math.max(0, from.column) }],
      ["Home", { row: from.row, column: 0 }],
      ["End", { row: from.row, column: columns - 1 }],
      ["PageDown", { row: from.row + 10, column: Math.max(0, from.column) }],
      ["PageUp", { row: from.row - 10, column: Math.max(0, from.column) }],
    ]).get(event.key);
    if (to) {
      const next = {
        row: Math.min(rows - 1, Math.max(0, to.row)),
        column: Math.min(columns - 1, Math.max(0, to.column)),
      };
      event.preventDefault();
      show(next);
      if (event.shiftKey) {
        const start = brush ? { row: brush.row0, column: brush.column0 } : from;
        const box = boxOf({ row: start.row, column: Math.max(0, start.column) }, next);
        setBrush(box);
        select(box, false);
      } else setBrush(null);
      setAt(next);
      if (filled(next)) props.onMark(firstIn(next));
    } else if (event.key === "Enter" && here && filled(here)) {
      event.preventDefault();
      props.onOpen(firstIn(here));
    } else if (event.key === " " && here) {
      event.preventDefault();
      select(boxOf(here, here), true);
    } else if (event.key === "Escape" && (brush || flags.some((f) => f & 1))) {
      event.preventDefault();
      event.stopPropagation();
      setBrush(null);
      props.onSelect("", false);
    }
  };

  const readout = (() => {
    if (!here || !figures || !colour) return null;
    const cell = here.row * layout.columns.length + here.column;
    const count = figures.cells.tensors[cell];
    if (count === undefined) return null;
    const where = `${layout.columns[here.column] < 0 ? "ends" : `${tensors.layered ? "layer" : "number"} ${layout.columns[here.column]}`} ${rowName(here.row)}`;
    if (count === 0) return `${where}: no such tensor`;
    const v = figures.cells.values[cell];
    const lacking = figures.cells.without[cell];
    const value = Number.isNaN(v) ? "no figure" : `${colour.format(v)}${colour.unit && ` ${colour.unit}`}`;
    const several =
      count > 1
        ? `, ${formatCount(count)} tensors${lacking > 0 && lacking < count ? `, ${formatCount(lacking)} without a figure` : ""}`
        : ` · ${props.words(layout.order[layout.start[cell]])}`;
    return `${where}: ${colour.title} ${value}${several}`;
  })();

  const lacking = figures ? figures.cells.without.reduce((sum, n) => sum + n, 0) : 0;
  const overlay = (box: CellBox, className: string) => (
    <div
      aria-hidden="true"
      className={`pointer-events-none absolute rounded-sm ${className}`}
      style={{
        left: box.column0 * cellWidth - 1,
        top: box.row0 * cellHeight - 1,
        width: (box.column1 - box.column0 + 1) * cellWidth + 1,
        height: (box.row1 - box.row0 + 1) * cellHeight + 1,
      }}
    />
  );
  return (
    <ChartFrame
      chart="mix-map"
      title="Tensors"
      description={`${formatCount(layout.rows.length)} rows of roles in ${formatCount(layout.columns.length)} columns of layers, coloured by ${colour?.title ?? "nothing yet"}.${lacking > 0 ? ` ${formatCount(lacking)} tensors have no figure and are hatched.` : ""}`}
      caption={colour ? `${colour.title}${colour.unit && `, ${colour.unit}`}` : undefined}
      stale={stale}
      controls={
        <>
          {colour && scale && <HeatKey colour={colour} scale={scale} palette={PALETTE} lacking={lacking} />}
          <HeatColours
            scores={props.scores}
            assigned={colour !== null}
            value={colour?.id ?? ""}
            onChange={props.onColour}
          />
          {layout.experts && (
            <Button pressed={!folded} onClick={() => props.onFolded(!folded)}>
              each expert
            </Button>
          )}
          <span className="hidden pointer-coarse:inline">
            <Button pressed={selecting} onClick={() => setSelecting(!selecting)}>
              select
            </Button>
          </span>
        </>
      }
      table={() => ({
        caption: `${colour?.title ?? "Figures"} by layer and role`,
        columns: [
          "layer",
          "role",
          "expert",
          "tensors",
          "without a figure",
          `${colour?.title ?? "figure"}${colour?.unit ? `, ${colour.unit}` : ""}`,
        ],
        rows: heatRows(layout, tensors, figures),
      })}
      footer={
        <p className="m-0 h-[18px] truncate text-xs" role="status" data-mix-readout title={readout ?? undefined}>
          {readout ?? (
            <span className="text-muted">
              <span className="pointer-coarse:hidden">
                Point or use the arrow keys; a click marks, another or Enter opens it on the Bench. Drag to select.
              </span>
              <span className="hidden pointer-coarse:inline">Tap to mark, once more to open it on the Bench.</span>
            </span>
          )}
        </p>
      }
    >
      <div ref={ref} className="absolute inset-0 overflow-hidden">
        {!figures || layout.rows.length === 0 ? (
          <Nothing>
            {tensors.count === 0 ? "No tensors are scored" : "Nothing is assigned yet: choose a signal's colours"}
          </Nothing>
        ) : (
          <>
            <canvas ref={canvas} className="absolute inset-0" style={{ width: size.width, height: size.height }} />
            <div
              ref={scroller}
              className="absolute overflow-auto"
              style={{
                left: LEFT,
                top: TOP,
                width: frame.width + (whole.height > frame.height ? PROFILE.right : 0),
                height: frame.height,
                touchAction: selecting ? "none" : undefined,
              }}
              onScroll={(event) => setScroll({ x: event.currentTarget.scrollLeft, y: event.currentTarget.scrollTop })}
            >
              <div className="relative" style={whole}>
                {markedPlace && overlay(boxOf(markedPlace, markedPlace), "outline-2 outline-mark")}
                {at && overlay(boxOf(at, at), "outline-1 outline-ink")}
                {brush && overlay(brush, "outline-2 outline-accent bg-accent/15")}
                <PlotSurface
                  kind="map"
                  label="Tensors by layer and role: arrow keys go from cell to cell, with Shift they select, Enter opens one on the Bench"
                  className="inset-0 cursor-pointer"
                  onPointerDown={(event) => {
                    const place = find(event);
                    if (event.button !== 0 || !place) return;
                    press.current = { at: place, x: event.clientX, y: event.clientY };
                    if (event.pointerType === "mouse" || selecting)
                      event.currentTarget.setPointerCapture(event.pointerId);
                  }}
                  onPointerMove={(event) => {
                    const place = find(event);
                    const from = press.current;
                    if (from && (event.pointerType === "mouse" || selecting)) {
                      const far = Math.hypot(event.clientX - from.x, event.clientY - from.y) > BRUSH;
                      if (place && (far || brush)) setBrush(boxOf(from.at, place));
                      return;
                    }
                    if (event.pointerType === "mouse" && (place?.row !== at?.row || place?.column !== at?.column))
                      setAt(place);
                  }}
                  onPointerUp={(event) => {
                    const from = press.current;
                    press.current = null;
                    if (brush) {
                      select(brush, event.shiftKey);
                      setBrush(null);
                      return;
                    }
                    if (!from || !filled(from.at)) return;
                    const again = markedPlace?.row === from.at.row && markedPlace.column === from.at.column;
                    if (again) props.onOpen(marked ?? firstIn(from.at));
                    else props.onMark(firstIn(from.at));
                  }}
                  onPointerCancel={() => {
                    press.current = null;
                    setBrush(null);
                  }}
                  onPointerLeave={(event) => event.pointerType === "mouse" && !press.current && setAt(null)}
                  onBlur={() => setAt(null)}
                  onKeyDown={onKeyDown}
                />
              </div>
            </div>
          </>
        )}
      </div>
    </ChartFrame>
  );
}

/** The map on a canvas: only what is in sight is drawn, whatever the number of tensors. */
import { type ColorScale, place } from "../../../charts/colormap.ts";
import type { ThemeColors } from "../../../charts/useThemeColors.ts";
import { type HeatFigures, type HeatFrame, type HeatLayout, inSight } from "./heat.ts";

export interface HeatDrawing {
  layout: HeatLayout;
  figures: HeatFigures;
  frame: HeatFrame;
  scale: ColorScale;
  /** 256 colours as CSS says them. */
  palette: readonly string[];
  rowName(row: number): string;
  columnName(column: number): string;
  /** What columns are. */
  across: string;
  /** By cell: 1 selected, 2 pinned, 3 both; 0 neither. */
  flags: Uint8Array;
  colors: ThemeColors;
}

const FONT = "11px system-ui, sans-serif";
/** Room of the margins' profiles. */
export const PROFILE = { top: 26, right: 56, ticks: 16 } as const;
/** The least distance between labels. */
const APART = { rows: 12, columns: 26 };

export function drawHeat(ctx: CanvasRenderingContext2D, d: HeatDrawing): void {
  const { frame } = d;
  const { width, height } = ctx.canvas;
  ctx.clearRect(0, 0, width, height);
  ctx.font = FONT;
  ctx.save();
  ctx.beginPath();
  ctx.rect(frame.left, frame.top, frame.width, frame.height);
  ctx.clip();
  drawCells(ctx, d);
  ctx.restore();
  drawRows(ctx, d);
  drawColumns(ctx, d);
}

/** The gap between cells, where they are large enough for one. */
const gapOf = (size: number): number => (size >= 8 ? 1.5 : size >= 5 ? 1 : 0);

function drawCells(ctx: CanvasRenderingContext2D, d: HeatDrawing): void {
  const { layout, figures, frame, scale, palette, flags, colors } = d;
  const { cellWidth, cellHeight } = frame;
  const columns = layout.columns.length;
  const across = inSight(frame.scrollX, frame.width, cellWidth, columns);
  const down = inSight(frame.scrollY, frame.height, cellHeight, layout.rows.length);
  const [w, h] = [cellWidth - gapOf(cellWidth), cellHeight - gapOf(cellHeight)];
  const { values, tensors, without } = figures.cells;
  const hatch = hatchOf(ctx, colors);
  for (let row = down.first; row < down.end; row++) {
    const y = frame.top + row * cellHeight - frame.scrollY;
    for (let column = across.first; column < across.end; column++) {
      const cell = row * columns + column;
      if (tensors[cell] === 0) continue;
      const x = frame.left + column * cellWidth - frame.scrollX;
      const v = values[cell];
      const t = place(scale, v);
      ctx.fillStyle = Number.isNaN(t) ? colors["--grid"] : palette[Math.round(t * 255)];
      ctx.fillRect(x, y, w, h);
      if (Number.isNaN(t)) {
        ctx.fillStyle = hatch;
        ctx.fillRect(x, y, w, h);
      } else if (without[cell] > 0 && w >= 6 && h >= 6) corner(ctx, x, y, Math.min(w, h, 7), colors);
      if (flags[cell] & 2 && w >= 8 && h >= 8) pin(ctx, x + w / 2, y + h / 2, colors);
      if (flags[cell] & 1) {
        ctx.strokeStyle = colors["--ink"];
        ctx.lineWidth = Math.min(w, h) >= 8 ? 2 : 1;
        ctx.strokeRect(x + 1, y + 1, w - 2, h - 2);
      }
    }
  }
}

function hatchOf(ctx: CanvasRenderingContext2D, colors: ThemeColors): CanvasPattern | string {
  const tile = document.createElement("canvas");
  tile.width = tile.height = 6;
  const t = tile.getContext("2d");
  if (!t) return colors["--muted"];
  t.strokeStyle = colors["--muted"];
  t.lineWidth = 1.2;
  t.beginPath();
  for (const k of [-6, 0, 6]) {
    t.moveTo(k - 1, 7);
    t.lineTo(k + 7, -1);
  }
  t.stroke();
  return ctx.createPattern(tile, "repeat") ?? colors["--muted"];
}

/** Says that some of several tensors have no figure. */
function corner(ctx: CanvasRenderingContext2D, x: number, y: number, size: number, colors: ThemeColors): void {
  ctx.fillStyle = colors["--panel"];
  ctx.beginPath();
  ctx.moveTo(x, y);
  ctx.lineTo(x + size, y);
  ctx.lineTo(x, y + size);
  ctx.fill();
}

/** A ring that can be told on any colour. */
function pin(ctx: CanvasRenderingContext2D, x: number, y: number, colors: ThemeColors): void {
  ctx.beginPath();
  ctx.arc(x, y, 3, 0, 2 * Math.PI);
  ctx.fillStyle = colors["--panel"];
  ctx.fill();
  ctx.lineWidth = 1.5;
  ctx.strokeStyle = colors["--mark"];
  ctx.stroke();
}

/** NaN is none. */
function most(values: Float64Array): number {
  let largest = 0;
  for (const v of values) if (v > largest) largest = v;
  return largest;
}

/** Names of rows and, at the right, their profile. */
function drawRows(ctx: CanvasRenderingContext2D, d: HeatDrawing): void {
  const { layout, figures, frame, colors } = d;
  const { cellHeight } = frame;
  const { first, end } = inSight(frame.scrollY, frame.height, cellHeight, layout.rows.length);
  const step = Math.max(1, Math.ceil(APART.rows / cellHeight));
  const top = most(figures.rows.values);
  const x0 = frame.left + frame.width + 6;
  ctx.textBaseline = "middle";
  ctx.textAlign = "right";
  ctx.save();
  ctx.beginPath();
  ctx.rect(0, frame.top, ctx.canvas.width, frame.height);
  ctx.clip();
  for (let row = first; row < end; row++) {
    const y = frame.top + row * cellHeight - frame.scrollY;
    const v = figures.rows.values[row];
    if (top > 0 && v > 0) {
      ctx.fillStyle = colors["--muted"];
      ctx.fillRect(x0, y + cellHeight * 0.15, (v / top) * (PROFILE.right - 10), Math.max(1, cellHeight * 0.6));
    }
    if (row % step !== 0) continue;
    ctx.fillStyle = colors["--muted"];
    ctx.fillText(shortened(ctx, d.rowName(row), frame.left - 10), frame.left - 6, y + cellHeight / 2);
  }
  ctx.restore();
}

/** Layers' numbers over the cells and, above them, their profile. */
function drawColumns(ctx: CanvasRenderingContext2D, d: HeatDrawing): void {
  const { layout, figures, frame, colors } = d;
  const { cellWidth } = frame;
  const { first, end } = inSight(frame.scrollX, frame.width, cellWidth, layout.columns.length);
  const step = Math.max(1, Math.ceil(APART.columns / cellWidth));
  const top = most(figures.columns.values);
  const base = frame.top - PROFILE.ticks;
  ctx.textBaseline = "alphabetic";
  ctx.textAlign = "center";
  ctx.save();
  ctx.beginPath();
  ctx.rect(frame.left, 0, frame.width + PROFILE.right, frame.top);
  ctx.clip();
  for (let column = first; column < end; column++) {
    const x = frame.left + column * cellWidth - frame.scrollX;
    const v = figures.columns.values[column];
    ctx.fillStyle = colors["--muted"];
    if (top > 0 && v > 0) {
      const high = (v / top) * (PROFILE.top - 4);
      ctx.fillRect(x, base - high, Math.max(1, cellWidth - gapOf(cellWidth)), high);
    }
    const ends = layout.columns[column] < 0;
    if (column % step === 0 || ends)
      ctx.fillText(d.columnName(column), x + (cellWidth - gapOf(cellWidth)) / 2, frame.top - 4);
  }
  ctx.restore();
  ctx.textAlign = "right";
  ctx.fillStyle = colors["--muted"];
  ctx.fillText(d.across, frame.left - 6, frame.top - 4);
}

function shortened(ctx: CanvasRenderingContext2D, text: string, room: number): string {
  if (ctx.measureText(text).width <= room) return text;
  let end = text.length;
  while (end > 1 && ctx.measureText(`${text.slice(0, end)}…`).width > room) end--;
  return `${text.slice(0, end)}…`;
}

/** Paints heat map tiles on a canvas: pixels once a tile and colour scale, then only stretched while one moves. */
import type { BlockGrid } from "../../../kernels/report/report.ts";
import { type ColorScale, type ColorTable, colorize, luminance, place } from "../../charts/colormap.ts";
import { formatNumber } from "../../charts/numbers.ts";
import type { MatrixWindow } from "../../charts/types.ts";
import type { MapTile } from "./mapField.ts";

/** A tile turned into pixels. */
export interface Raster {
  tile: MapTile;
  image: HTMLCanvasElement;
}

/** One pixel a cell; cells without a number are transparent. */
export function rasterize(tile: MapTile, field: Float32Array, scale: ColorScale, table: ColorTable): Raster {
  const image = document.createElement("canvas");
  image.width = tile.outCols;
  image.height = tile.outRows;
  image.getContext("2d")?.putImageData(new ImageData(colorize(field, scale, table), tile.outCols, tile.outRows), 0, 0);
  return { tile, image };
}

/** Pixels of matrix coordinates inside a canvas of the given size. */
export interface Projection {
  view: MatrixWindow;
  width: number;
  height: number;
}

export const cellWidth = (p: Projection): number => p.width / (p.view.col1 - p.view.col0);
export const cellHeight = (p: Projection): number => p.height / (p.view.row1 - p.view.row0);
export const xOf = (p: Projection, col: number): number => (col - p.view.col0) * cellWidth(p);
export const yOf = (p: Projection, row: number): number => (row - p.view.row0) * cellHeight(p);

/** Draws rasters, the first undermost, over whatever the canvas held. */
export function paint(ctx: CanvasRenderingContext2D, p: Projection, rasters: readonly Raster[]): void {
  ctx.clearRect(0, 0, p.width, p.height);
  for (const { tile, image } of rasters) {
    const [x, y] = [xOf(p, tile.col0), yOf(p, tile.row0)];
    const [width, height] = [(tile.col1 - tile.col0) * cellWidth(p), (tile.row1 - tile.row0) * cellHeight(p)];
    // Cells smaller than a pixel are averaged, larger ones keep their edges.
    ctx.imageSmoothingEnabled = width < tile.outCols && height < tile.outRows;
    ctx.drawImage(image, x, y, width, height);
  }
}

/** Blocks are outlined from this size on, in pixels; edges of thinner ones would hide what they enclose. */
const OUTLINED_AT = 6;

/** Whether blocks are large enough to be told apart. */
export function isOutlined(p: Projection, grid: BlockGrid): boolean {
  if (grid.kind === "none" || grid.kind === "tensor") return false;
  const flat = grid.kind === "flat";
  const [width, height] = [cellWidth(p) * (flat ? grid.flat : grid.blockCols), flat ? 1 : grid.blockRows];
  return width >= OUTLINED_AT && height * cellHeight(p) >= OUTLINED_AT;
}

/** Draws the edges of the blocks, where they are large enough. */
export function outlineBlocks(ctx: CanvasRenderingContext2D, p: Projection, grid: BlockGrid, color: string): void {
  if (!isOutlined(p, grid)) return;
  const { view } = p;
  ctx.beginPath();
  if (grid.kind === "flat") {
    for (let row = Math.floor(view.row0); row < view.row1; row++) {
      const start = row * grid.cols;
      const first = Math.ceil((start + Math.max(0, view.col0)) / grid.flat) * grid.flat;
      for (let at = first; at < start + Math.min(grid.cols, view.col1); at += grid.flat) {
        const x = Math.round(xOf(p, at - start)) + 0.5;
        ctx.moveTo(x, yOf(p, row));
        ctx.lineTo(x, yOf(p, row + 1));
      }
    }
  } else {
    if (grid.blockCols < grid.cols)
      for (let c = Math.ceil(view.col0 / grid.blockCols) * grid.blockCols; c < view.col1; c += grid.blockCols) {
        const x = Math.round(xOf(p, c)) + 0.5;
        ctx.moveTo(x, 0);
        ctx.lineTo(x, p.height);
      }
    if (grid.blockRows < grid.rows)
      for (let r = Math.ceil(view.row0 / grid.blockRows) * grid.blockRows; r < view.row1; r += grid.blockRows) {
        const y = Math.round(yOf(p, r)) + 0.5;
        ctx.moveTo(0, y);
        ctx.lineTo(p.width, y);
      }
  }
  ctx.strokeStyle = color;
  ctx.lineWidth = 1;
  ctx.stroke();
}

/** Least cell, in pixels, that gets its number written in it. */
const LABELLED = { width: 34, height: 13 };

/** Writes each element's number into its cell, and the input below where there is room. */
export function labelCells(
  ctx: CanvasRenderingContext2D,
  p: Projection,
  tile: MapTile,
  field: Float32Array,
  scale: ColorScale,
  table: ColorTable,
): void {
  const [w, h] = [cellWidth(p), cellHeight(p)];
  if (!tile.elements || w < LABELLED.width || h < LABELLED.height) return;
  const size = w < 46 ? 9 : 11;
  ctx.font = `${size}px system-ui, sans-serif`;
  ctx.textAlign = "center";
  ctx.textBaseline = "middle";
  const inputs = h >= 2.6 * size ? tile.values : null;
  const [row0, row1] = [Math.max(tile.row0, Math.floor(p.view.row0)), Math.min(tile.row1, Math.ceil(p.view.row1))];
  const [col0, col1] = [Math.max(tile.col0, Math.floor(p.view.col0)), Math.min(tile.col1, Math.ceil(p.view.col1))];
  for (let row = row0; row < row1; row++)
    for (let col = col0; col < col1; col++) {
      const i = (row - tile.row0) * tile.outCols + col - tile.col0;
      if (Number.isNaN(field[i])) continue;
      const k = 3 * Math.round(place(scale, field[i]) * 255);
      ctx.fillStyle = luminance([table[k], table[k + 1], table[k + 2]]) > 0.18 ? "#000" : "#fff";
      const [x, y] = [xOf(p, col + 0.5), yOf(p, row + 0.5)];
      ctx.fillText(cellText(field[i], w), x, inputs ? y - size * 0.6 : y, w - 3);
      if (inputs) {
        ctx.globalAlpha = 0.75;
        ctx.fillText(cellText(inputs[i], w), x, y + size * 0.75, w - 3);
        ctx.globalAlpha = 1;
      }
    }
}

const cellText = (v: number, width: number): string => formatNumber(v, width < 52 ? 1 : width < 64 ? 2 : 3);

/** What the error heat map paints: cells of A and B over a window of the matrix, and the field made of them. */

import type { CoarseMap } from "../../../kernels/report/report.ts";
import type { WindowReply } from "../../../workers/jobs/window/window.ts";
import { type ColorScale, magnitudeScale, signedScale } from "../../charts/colormap.ts";
import type { MatrixWindow, Pair } from "../../charts/types.ts";
import type { HeatMapMode } from "./options.ts";

/** Errors of a window, reduced to outRows x outCols cells. */
export interface MapTile extends MatrixWindow, Pair<Float32Array> {
  outRows: number;
  outCols: number;
  /** True when every cell is one element; then the signed errors and the inputs may be there. */
  elements: boolean;
  signed: Pair<Float32Array>;
  values: Float32Array | null;
}

/** Root mean square error of each cell of a coarse map. */
function coarseRms(map: CoarseMap, rows: number, cols: number): Float32Array {
  return Float32Array.from(map.error, (e, i) => {
    const [r, c] = [Math.floor(i / map.cols), i % map.cols];
    const height = Math.min(map.cellRows, rows - r * map.cellRows);
    const width = Math.min(map.cellCols, cols - c * map.cellCols);
    return Math.sqrt(e / Math.max(1, height * width));
  });
}

/** The whole matrix as the reports hold it; `null` without a report. */
export function coarseTile(a: CoarseMap | null, b: CoarseMap | null, rows: number, cols: number): MapTile | null {
  const map = a ?? b;
  if (!map) return null;
  return {
    row0: 0,
    col0: 0,
    // The last cell may hang over the edge; its drawing does too, and is cut there.
    row1: map.rows * map.cellRows,
    col1: map.cols * map.cellCols,
    outRows: map.rows,
    outCols: map.cols,
    elements: map.cellRows === 1 && map.cellCols === 1,
    a: a && coarseRms(a, rows, cols),
    b: b && coarseRms(b, rows, cols),
    signed: { a: null, b: null },
    values: null,
  };
}

/** A reply as a tile. Its entries stand for the recipes that are there, A before B. */
export function replyTile(reply: WindowReply, hasA: boolean, hasB: boolean): MapTile {
  const indexOfB = hasA ? 1 : 0;
  const pair = <T>(list: readonly T[] | null): Pair<T> => ({
    a: (hasA ? list?.[0] : null) ?? null,
    b: (hasB ? list?.[indexOfB] : null) ?? null,
  });
  const { row0, row1, col0, col1, outRows, outCols, elements, values } = reply;
  return {
    ...{ row0, row1, col0, col1, outRows, outCols, elements, values },
    ...pair(reply.rms),
    signed: pair(reply.signed),
  };
}

/** What a field's numbers are, for legend and readout. */
export type FieldKind = "magnitude" | "signed" | "difference" | "ratio";

export const fieldKind = (mode: HeatMapMode, log: boolean, signed: boolean): FieldKind =>
  mode === "difference" ? (log ? "ratio" : "difference") : signed ? "signed" : "magnitude";

/** 20 log10(a/b) in decibels; 0 where both are zero. */
export const ratioDb = (a: number, b: number): number => (a === b ? 0 : 20 * Math.log10(a / b));

/** The numbers to paint; NaN where there are none. `null` if the tile lacks what the field needs. */
export function fieldOf(tile: MapTile, mode: HeatMapMode, kind: FieldKind): Float32Array | null {
  if (kind === "signed") return mode === "b" ? tile.signed.b : tile.signed.a;
  if (kind === "magnitude") return mode === "b" ? tile.b : tile.a;
  const { a, b } = tile;
  if (!a || !b) return null;
  return a.map((v, i) => (kind === "ratio" ? ratioDb(v, b[i]) : v - b[i]));
}

/** A ratio beyond this many decibels has the last colour. */
const MOST_DB = 30;

/** The cells of a field that lie in a window. */
function cropped(tile: MapTile, field: Float32Array, window: MatrixWindow): Float32Array {
  const [perRow, perCol] = [(tile.row1 - tile.row0) / tile.outRows, (tile.col1 - tile.col0) / tile.outCols];
  const first = (at: number, start: number, per: number) => Math.max(0, Math.floor((at - start) / per));
  const [r0, c0] = [first(window.row0, tile.row0, perRow), first(window.col0, tile.col0, perCol)];
  const r1 = Math.min(tile.outRows, Math.ceil((window.row1 - tile.row0) / perRow));
  const c1 = Math.min(tile.outCols, Math.ceil((window.col1 - tile.col0) / perCol));
  if (r0 >= r1 || c0 >= c1) return field;
  const out = new Float32Array((r1 - r0) * (c1 - c0));
  for (let r = r0; r < r1; r++)
    out.set(field.subarray(r * tile.outCols + c0, r * tile.outCols + c1), (r - r0) * (c1 - c0));
  return out;
}

/** The colours' range for what a window shows of a tile: common to A and B, so that switching between them compares. */
export function scaleFor(tile: MapTile, kind: FieldKind, log: boolean, window: MatrixWindow): ColorScale {
  const both = (pair: Pair<Float32Array>) =>
    [pair.a, pair.b].filter((f) => f !== null).map((f) => cropped(tile, f, window));
  if (kind === "signed") return signedScale(both(tile.signed));
  if (kind === "magnitude") return magnitudeScale(both(tile), log);
  const field = fieldOf(tile, "difference", kind);
  return signedScale(field ? [cropped(tile, field, window)] : [], kind === "ratio" ? MOST_DB : Infinity);
}

/** Index of the tile's cell that holds an element, or -1. */
export function cellOf(tile: MapTile, row: number, col: number): number {
  if (row < tile.row0 || row >= tile.row1 || col < tile.col0 || col >= tile.col1) return -1;
  const r = Math.floor(((row - tile.row0) * tile.outRows) / (tile.row1 - tile.row0));
  const c = Math.floor(((col - tile.col0) * tile.outCols) / (tile.col1 - tile.col0));
  return Math.min(tile.outRows - 1, r) * tile.outCols + Math.min(tile.outCols - 1, c);
}

/** Narrowest element, in pixels, at which signs are shown instead of magnitudes. */
export const SIGNED_AT = 6;

const LABELS: Record<FieldKind, string> = {
  magnitude: "rms error",
  signed: "error",
  difference: "rms error of A less B",
  ratio: "rms error of A over B, dB",
};

/** The legend's heading. Errors have the unit of the values. */
export const fieldLabel = (kind: FieldKind): string => LABELS[kind];

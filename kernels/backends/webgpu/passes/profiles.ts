import type { Accumulator } from "../../../measure/accumulator.ts";
import type { BlockGrid } from "../../../report/report.ts";
import { type Cut, cutRectangle, eachPart, type PartSizes } from "../tiles/bands.ts";
import { indexOf, type Piece } from "../tiles/pieces.ts";
import { GROUP_PART, PROFILE_WORDS, THREAD_PART } from "../wgsl/parts.ts";

/** One of the report's partitions of the matrix, cut into parts, and where its sums belong. */
export interface Profiling {
  name: string;
  cut: Cut;
  /** Adds a part's sums of e^2 and x^2 and its largest |e|. */
  add(into: Accumulator, row: number, col: number, error: number, signal: number, largest: number): void;
}

const SIZES: PartSizes = { thread: THREAD_PART, group: GROUP_PART };

/** Blocks of a piece as rectangles. Flat blocks are rectangles of a matrix with a single row. */
export function cutBlocks(grid: BlockGrid, piece: Piece, sizes: PartSizes): Cut {
  if (!grid.flat) return cutRectangle(piece, grid.blockRows, grid.blockCols, sizes);
  const line = { row: 0, rows: 1, col: indexOf(grid, piece), cols: piece.count };
  return cutRectangle(line, 1, grid.flat, sizes);
}

/** Everything the report sums by place: rows (and from them the totals), columns, blocks and cells of the map. */
export function profilingsOf(grid: BlockGrid, piece: Piece, into: Accumulator): Profiling[] {
  const { cellRows, cellCols } = into.map;
  const across = grid.flat ? 0 : grid.gridCols;
  return [
    { name: "rows", cut: cutRectangle(piece, 1, Infinity, SIZES), add: addRow },
    {
      name: "cols",
      cut: cutRectangle(piece, Infinity, 1, SIZES),
      add: (sums, _, col, error, signal, largest) => addEntry(sums.cols, col, error, signal, largest),
    },
    {
      name: "blocks",
      cut: cutBlocks(grid, piece, SIZES),
      add: (sums, row, col, error, signal, largest) =>
        addEntry(sums.blocks, row * across + col, error, signal, largest),
    },
    { name: "map", cut: cutRectangle(piece, cellRows, cellCols, SIZES), add: addCell },
  ];
}

function addEntry(profile: Accumulator["rows"], index: number, error: number, signal: number, largest: number): void {
  const entry = profile.step === 1 ? index : Math.floor(index / profile.step);
  profile.error[entry] += error;
  profile.signal[entry] += signal;
  if (largest > profile.maxAbs[entry]) profile.maxAbs[entry] = largest;
}

function addRow(into: Accumulator, row: number, _: number, error: number, signal: number, largest: number): void {
  addEntry(into.rows, row, error, signal, largest);
  into.error += error;
  if (largest > into.maxAbs) into.maxAbs = largest;
}

function addCell({ map }: Accumulator, row: number, col: number, error: number, signal: number): void {
  map.error[row * map.cols + col] += error;
  map.signal[row * map.cols + col] += signal;
}

/** Adds the sums of all parts of a partition; `scale` undoes the scaling of their terms. */
export function addProfile({ cut, add }: Profiling, bytes: ArrayBuffer, scale: number, into: Accumulator): void {
  const sums = new Float32Array(bytes);
  eachPart(cut, (part, row, col) => {
    const at = part * PROFILE_WORDS;
    add(into, row, col, sums[at] * scale, sums[at + 1] * scale, sums[at + 2]);
  });
}

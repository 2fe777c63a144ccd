import type { Accumulator } from "../../../measure/accumulator.ts";
import type { Plan } from "../../../plan/plan.ts";
import type { CoarseMap, Profile } from "../../../report/report.ts";
import type { Tile } from "../../backend.ts";
import { addElement } from "../tiles/elements.ts";
import { gatherFields } from "../wgsl/gather.ts";
import { LEAN_BANDS, LEAN_SUMS } from "../wgsl/lean-fields.ts";
import { SETTLED_WORDS } from "../wgsl/settle.ts";
import { type LeanLayout, SEGMENT_WORDS } from "./lean.ts";

/** How the sums of columns and units are gathered for a tile. */
export interface GatherLayout {
  words: Int32Array;
  /** The first band of each row of cells that the tile touches, and one more. */
  firstBands: Uint32Array;
  /** The first row of cells, and how many cells there are. */
  mapRow: number;
  cells: number;
  /** Figures: columns, rows, cells. */
  outWords: number;
}

export function gatherLayout(tile: Tile, layout: LeanLayout, map: CoarseMap): GatherLayout {
  const { bands, unit, colsAt, unitsAt } = layout;
  const { entries } = bands;
  const firstBands: number[] = [];
  entries.forEach((mapRow, band) => {
    if (band === 0 || mapRow !== entries[band - 1]) firstBands.push(band);
  });
  const cells = firstBands.length * map.cols;
  const values: Record<(typeof gatherFields)[number][0], number> = {
    cols: tile.cols,
    groups: Math.ceil(entries.length / LEAN_BANDS),
    cols_at: colsAt,
    units: tile.cols / unit,
    cell_units: map.cellCols / unit,
    units_at: unitsAt,
    cell_rows: firstBands.length,
    cell_cols: map.cols,
    rows: tile.rows,
    across: layout.across,
  };
  return {
    words: Int32Array.from(gatherFields, ([name]) => values[name]),
    firstBands: Uint32Array.from([...firstBands, entries.length]),
    mapRow: entries[0],
    cells,
    outWords: SEGMENT_WORDS * (tile.cols + tile.rows) + 2 * cells,
  };
}

/** What comes back from the kernels. */
export interface LeanBytes {
  segments: ArrayBuffer;
  sums: ArrayBuffer;
  /** Columns, rows and cells. */
  gathered: ArrayBuffer;
}

/** Whether blocks are whole rows, or more of them: the sums of rows are enough then. */
export const blocksAreRows = ({ grid, cols }: Plan): boolean => grid.blockCols >= cols;

/** Adds what a dispatch summed: segments to blocks, rows to those and to the totals, columns, cells of the map, and the rest. */
export function addLean(
  plan: Plan,
  tile: Tile,
  layout: LeanLayout,
  gather: GatherLayout,
  bytes: LeanBytes,
  into: Accumulator,
): void {
  const { rows, cols, row0 } = tile;
  const gathered = new Float32Array(bytes.gathered);
  const ofRows = gathered.subarray(SEGMENT_WORDS * cols, SEGMENT_WORDS * (cols + rows));
  addProfile(into.cols, 0, gathered.subarray(0, SEGMENT_WORDS * cols), rows === plan.rows);
  addProfile(into.rows, row0, ofRows, true);
  addTotals(ofRows, into);
  addCells(plan, tile, gather, gathered.subarray(SEGMENT_WORDS * (cols + rows)), into.map);
  if (blocksAreRows(plan)) addRowBlocks(plan, tile, ofRows, into.blocks);
  else addBlocks(plan, tile, layout, new Float32Array(bytes.segments), into.blocks);
  const sums = new Float32Array(bytes.sums);
  const kinds = ["dot", "energy", "absError"] as const;
  for (const [k, kind] of kinds.entries()) {
    // Two at a time: an addition takes several times as long as a load.
    let [even, odd] = [0, 0];
    for (let first = k * LEAN_SUMS; first < sums.length; first += kinds.length * LEAN_SUMS) {
      for (let at = first; at < first + LEAN_SUMS; at += 2) {
        even += sums[at];
        odd += sums[at + 1];
      }
    }
    into[kind] += even + odd;
  }
}

/** Adds segments to the blocks that they lie in. */
function addBlocks(plan: Plan, tile: Tile, layout: LeanLayout, sums: Float32Array, into: Profile) {
  const { grid } = plan;
  const { segment, across } = layout;
  const { step, error, signal, maxAbs } = into;
  if (grid.blockRows === 1 && segment === step * grid.blockCols && segment * across === plan.cols) {
    addProfile({ ...into, step: 1 }, tile.row0 * across, sums, true);
    return;
  }
  const apart = tile.rows * across;
  const blockAt = Int32Array.from({ length: across }, (_, s) => Math.floor((s * segment) / grid.blockCols));
  const shift = Math.log2(step);
  for (let r = 0, at = 0; r < tile.rows; r++) {
    const first = Math.floor((tile.row0 + r) / grid.blockRows) * grid.gridCols;
    for (let s = 0; s < across; s++, at++) {
      const entry = (first + blockAt[s]) >>> shift;
      error[entry] += sums[at];
      signal[entry] += sums[at + apart];
      const most = sums[at + 2 * apart];
      if (most > maxAbs[entry]) maxAbs[entry] = most;
    }
  }
}

function addRowBlocks({ grid }: Plan, { row0, rows }: Tile, sums: Float32Array, into: Profile) {
  const { step, error, signal, maxAbs } = into;
  for (let r = 0; r < rows; r++) {
    const entry = Math.floor(Math.floor((row0 + r) / grid.blockRows) / step);
    error[entry] += sums[r];
    signal[entry] += sums[rows + r];
    if (sums[2 * rows + r] > maxAbs[entry]) maxAbs[entry] = sums[2 * rows + r];
  }
}

/** Adds sums of the indices from `from` on; `alone` where nothing else is added to them, so that they can be copied. */
function addProfile({ step, error, signal, maxAbs }: Profile, from: number, sums: Float32Array, alone: boolean) {
  const count = sums.length / SEGMENT_WORDS;
  if (alone && step === 1) {
    error.set(sums.subarray(0, count), from);
    signal.set(sums.subarray(count, 2 * count), from);
    maxAbs.set(sums.subarray(2 * count), from);
    return;
  }
  const shift = Math.log2(step);
  for (let k = 0; k < count; k++) {
    const entry = (from + k) >>> shift;
    error[entry] += sums[k];
    signal[entry] += sums[count + k];
    if (sums[2 * count + k] > maxAbs[entry]) maxAbs[entry] = sums[2 * count + k];
  }
}

function addTotals(sums: Float32Array, into: Accumulator) {
  const rows = sums.length / SEGMENT_WORDS;
  let { error, signal, maxAbs } = into;
  for (let r = 0; r < rows; r++) {
    error += sums[r];
    signal += sums[rows + r];
    if (sums[2 * rows + r] > maxAbs) maxAbs = sums[2 * rows + r];
  }
  Object.assign(into, { error, signal, maxAbs });
}

function addCells(plan: Plan, tile: Tile, { mapRow, cells }: GatherLayout, sums: Float32Array, map: CoarseMap) {
  const { cols, error, signal } = map;
  const first = mapRow * cols;
  if (tile.rows === plan.rows) {
    error.set(sums.subarray(0, cells));
    signal.set(sums.subarray(cells));
    return;
  }
  for (let k = 0; k < cells; k++) {
    error[first + k] += sums[k];
    signal[first + k] += sums[cells + k];
  }
}

/**
 * Adds values and results that were settled one by one, on top of what `addLean` put there; `fours` tells where each four of
 * them is.
 */
export function addSettled(plan: Plan, tile: Tile, fours: Uint32Array, settled: ArrayBuffer, into: Accumulator): void {
  const floats = new Float32Array(settled);
  for (let k = 0; k < fours.length / 2; k++) {
    for (let c = 0; c < 4; c++) {
      const at = (4 * k + c) * SETTLED_WORDS;
      addElement(plan, tile, 4 * fours[2 * k] + c, floats[at], floats[at + 1], into);
    }
  }
}

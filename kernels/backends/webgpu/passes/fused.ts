import { floatBits } from "../../../exact/bits.ts";
import type { Accumulator } from "../../../measure/accumulator.ts";
import type { Plan } from "../../../plan/plan.ts";
import type { CoarseMap } from "../../../report/report.ts";
import type { RoundingMode } from "../../../rounding/modes/index.ts";
import type { Tile } from "../../backend.ts";
import { type Bands, bandsOf } from "../tiles/bands.ts";
import { gridOf, onGrid } from "../tiles/element.ts";
import type { Binning } from "../tiles/pieces.ts";
import { isModerate } from "../tiles/range.ts";
import { BAND_ROWS, FUSED_BANDS, FUSED_COLS, FUSED_SUMS, fusedFields } from "../wgsl/fused.ts";

/** How whole rows are cut for the fused kernels, and where their output goes, in words. */
export interface FusedLayout {
  /** Elements of a segment: a power of two. Segments cut no block. */
  segment: number;
  /** Segments of a row. */
  across: number;
  bands: Bands;
  chunks: number;
  /** Whether columns come for groups of bands, and cells of the map from fours of columns. */
  merged: boolean;
  colsAt: number;
  foursAt: number;
  sumsAt: number;
  words: number;
  workgroups: number;
}

const LEAST_SEGMENT = 16;
const MOST_SEGMENT = 256;
/** Error, signal and largest magnitude. */
const SEGMENT_WORDS = 3;

/** Elements of the longest segment that cuts no block, or 0 where blocks are too odd for the fused kernels. */
export function segmentOf(plan: Plan): number {
  const { grid, cols } = plan;
  if (grid.flat || cols % 4 !== 0) return 0;
  let segment = MOST_SEGMENT;
  while (grid.blockCols < cols && grid.blockCols % segment !== 0) segment /= 2;
  // Rows shorter than a segment leave threads idle, no more.
  return segment >= LEAST_SEGMENT ? segment : 0;
}

/** The layout for a tile's rows, or null where the plan's blocks do not suit. */
export function fusedLayout(plan: Plan, tile: Tile, { cellRows, cellCols }: CoarseMap): FusedLayout | null {
  const segment = segmentOf(plan);
  if (segment === 0) return null;
  const { rows, cols, row0 } = tile;
  const across = Math.ceil(cols / segment);
  const bands = bandsOf(row0, rows, cellRows, BAND_ROWS);
  const chunks = Math.ceil(cols / FUSED_COLS);
  const count = bands.entries.length;
  const workgroups = chunks * Math.ceil(count / FUSED_BANDS);
  const colsAt = SEGMENT_WORDS * rows * across;
  const merged = cellCols % 4 === 0;
  const foursAt = colsAt + SEGMENT_WORDS * cols * (merged ? Math.ceil(count / FUSED_BANDS) : count);
  const sumsAt = foursAt + (merged ? 2 * count * (cols / 4) : 0);
  const words = sumsAt + workgroups * FUSED_SUMS * 4;
  return { segment, across, bands, chunks, merged, colsAt, foursAt, sumsAt, words, workgroups };
}

const MODES: readonly RoundingMode[] = ["rne", "away", "inward"];
const MAX_LEVELS = 256;

/** Whether floats may be tried first: what `wgsl/nearby.ts` takes for granted. */
function mayUseFloats({ element }: Plan, binning: Binning): boolean {
  const { squareShift, valueExponent } = binning;
  const { ladder, rounding, integer, affine, ends, format } = element;
  if (!ladder || affine || !MODES.includes(rounding.mode)) return false;
  // The largest value or error then lies between 2^-20 and 2^38: no factor leaves the range of floats.
  if (!isModerate(binning) || squareShift > 140) return false;
  // Nor the one that finds the bin of a value: beside an infinite factor a zero would be no number.
  if (8 - valueExponent > 126) return false;
  if (ends.high < 0 || ends.low > 0) return false;
  const moderate = (v: number) => v === 0 || (Math.abs(v) >= 2 ** -40 && Math.abs(v) <= 2 ** 40);
  if (!ladder.levels.every(moderate) || ![ends.low, ends.high].every((v) => moderate(v) || !Number.isFinite(v)))
    return false;
  if (!onGrid(element)) {
    return ladder.levels.length <= MAX_LEVELS;
  }
  if (integer) return Math.max(integer.max, -integer.min) < MAX_LEVELS && integer.frac <= 40;
  return format.kind === "float" && format.mantissaBits <= 7;
}

/** The uniform of one dispatch. */
export function fusedWords(plan: Plan, tile: Tile, layout: FusedLayout, binning: Binning): Int32Array {
  const { element } = plan;
  const { unit, mantissa } = gridOf(element);
  const levels = element.ladder?.levels.length ?? 0;
  const values: Record<(typeof fusedFields)[number][0], number> = {
    rows: tile.rows,
    cols: tile.cols,
    bands: layout.bands.entries.length,
    chunks: layout.chunks,
    segment_threads: layout.segment / 4,
    across: layout.across,
    merged: Number(layout.merged),
    cols_at: layout.colsAt,
    fours_at: layout.foursAt,
    sums_at: layout.sumsAt,
    fast: Number(mayUseFloats(plan, binning)),
    min_field: Math.max(0, unit + mantissa + 127),
    first_step: 2 ** Math.max(0, Math.ceil(Math.log2(Math.max(2, levels))) - 1),
    square_factor: floatBits(2 ** (binning.squareShift / 2)),
    magnitude_factor: floatBits(2 ** binning.magnitudeShift),
    bin_factor: floatBits(2 ** (8 - binning.valueExponent)),
  };
  return Int32Array.from(fusedFields, ([name]) => values[name]);
}

/** Adds what a dispatch gave: the sums of segments to rows, blocks and totals, those of columns to columns and cells. */
export function addFused(
  plan: Plan,
  tile: Tile,
  layout: FusedLayout,
  binning: Binning,
  bytes: ArrayBuffer,
  into: Accumulator,
): void {
  const floats = new Float32Array(bytes);
  const square = 2 ** -binning.squareShift;
  addSegments(plan, tile, layout, floats, square, into);
  addColumns(tile, layout, floats, square, into);
  const magnitude = 2 ** -binning.magnitudeShift;
  for (let at = layout.sumsAt; at < layout.words; at += 4) {
    into.signal += floats[at] * square;
    into.dot += floats[at + 1] * square;
    into.energy += floats[at + 2] * square;
    into.absError += floats[at + 3] * magnitude;
  }
}

function addSegments(
  plan: Plan,
  tile: Tile,
  layout: FusedLayout,
  sums: Float32Array,
  square: number,
  into: Accumulator,
) {
  const { grid } = plan;
  const { rows: byRow, blocks } = into;
  const { segment, across } = layout;
  const apart = tile.rows * across;
  const perBlock = grid.blockCols >= grid.cols ? across : grid.blockCols / segment;
  for (let r = 0, at = 0; r < tile.rows; r++) {
    const row = tile.row0 + r;
    let block = Math.floor(row / grid.blockRows) * grid.gridCols;
    let rowError = 0;
    let rowSignal = 0;
    let rowMax = 0;
    for (let s = 0; s < across; block++) {
      let error = 0;
      let signal = 0;
      let max = 0;
      for (const end = Math.min(across, s + perBlock); s < end; s++, at++) {
        error += sums[at];
        signal += sums[at + apart];
        if (sums[at + 2 * apart] > max) max = sums[at + 2 * apart];
      }
      const entry = blocks.step === 1 ? block : Math.floor(block / blocks.step);
      blocks.error[entry] += error * square;
      blocks.signal[entry] += signal * square;
      if (max > blocks.maxAbs[entry]) blocks.maxAbs[entry] = max;
      rowError += error;
      rowSignal += signal;
      if (max > rowMax) rowMax = max;
    }
    const entry = Math.floor(row / byRow.step);
    byRow.error[entry] += rowError * square;
    byRow.signal[entry] += rowSignal * square;
    if (rowMax > byRow.maxAbs[entry]) byRow.maxAbs[entry] = rowMax;
    if (rowMax > into.maxAbs) into.maxAbs = rowMax;
    into.error += rowError * square;
  }
}

function addColumns(tile: Tile, layout: FusedLayout, sums: Float32Array, square: number, into: Accumulator) {
  const { cols: byCol, map } = into;
  const { cols } = tile;
  const { colsAt, foursAt, bands, merged } = layout;
  const stored = (foursAt - colsAt) / (SEGMENT_WORDS * cols);
  for (let band = 0; band < stored; band++) {
    const base = colsAt + band * SEGMENT_WORDS * cols;
    for (let c = 0; c < cols; c++) {
      const entry = byCol.step === 1 ? c : Math.floor(c / byCol.step);
      byCol.error[entry] += sums[base + c] * square;
      byCol.signal[entry] += sums[base + cols + c] * square;
      const largest = sums[base + 2 * cols + c];
      if (largest > byCol.maxAbs[entry]) byCol.maxAbs[entry] = largest;
    }
  }
  // Cells are whole numbers of fours of columns, or else of columns.
  const width = merged ? 4 : 1;
  const [from, words] = merged ? [foursAt, 2] : [colsAt, SEGMENT_WORDS];
  const count = cols / width;
  bands.entries.forEach((mapRow, band) => {
    const base = from + band * words * count;
    for (let k = 0, cell = mapRow * map.cols; k < count; cell++) {
      let error = 0;
      let signal = 0;
      for (const end = Math.min(count, k + map.cellCols / width); k < end; k++) {
        error += sums[base + k];
        signal += sums[base + count + k];
      }
      map.error[cell] += error * square;
      map.signal[cell] += signal * square;
    }
  });
}

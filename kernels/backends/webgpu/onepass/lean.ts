import { floatBits } from "../../../exact/bits.ts";
import type { Accumulator } from "../../../measure/accumulator.ts";
import type { Plan } from "../../../plan/plan.ts";
import type { RoundingMode } from "../../../rounding/modes/index.ts";
import type { Tile } from "../../backend.ts";
import { rangeOf, rotationParts } from "../rotate/rotations.ts";
import { type Bands, bandsOf } from "../tiles/bands.ts";
import { gridOf, onGrid } from "../tiles/element.ts";
import {
  ERROR_KEYS,
  LEAN_BAND_ROWS,
  LEAN_BANDS,
  LEAN_COLS,
  LEAN_SUMS,
  LEAN_VALUES,
  type LeanText,
  leanFields,
} from "../wgsl/lean-fields.ts";
import { rowStepsOf } from "../wgsl/lean-neighbours.ts";
import { SCALE_FROM } from "../wgsl/lean-scale.ts";
import { cellsOf } from "./lean-cells.ts";

/** How whole rows are cut for the lean kernels, and where their output goes, in words. */
export interface LeanLayout {
  /** Elements of a segment of a row, and segments of a row. Sums of rows and blocks are made of them. */
  segment: number;
  across: number;
  bands: Bands;
  bandRows: number;
  chunks: number;
  /** Columns that are summed together for the map. */
  unit: number;
  colsAt: number;
  unitsAt: number;
  sumsAt: number;
  storedAt: number;
  words: number;
  workgroups: number;
}

type LeanField = (typeof leanFields)[number][0];
export type LeanWords = Record<LeanField, number>;

const MODES: readonly RoundingMode[] = ["rne", "away", "inward"];
/** Error, signal and largest error. */
export const SEGMENT_WORDS = 3;
const MOST_SEGMENT = 256;
const MOST_INTEGER = 255;
/** Values below 2^this are open, or above the other. */
const [LEAST_EXPONENT, MOST_EXPONENT] = [-38, 38];

const powersIn = (n: number) => n & -n;

/** Whether the filters know an element's levels: see `wgsl/filter.ts` for what they take for granted. */
function knowsElement(plan: Plan): boolean {
  const { codec, element } = plan;
  const { ladder, rounding, integer, affine, sat, format, arith, nonfinite } = element;
  if (codec || arith !== "exact" || nonfinite !== "skip") return false;
  if (!ladder || affine || sat !== "clamp" || !MODES.includes(rounding.mode)) return false;
  const moderate = (v: number) => v === 0 || (Math.abs(v) >= 2 ** -20 && Math.abs(v) <= 2 ** 20);
  if (ladder.zero < 0 || !ladder.levels.every(moderate)) return false;
  if (!onGrid(element)) return cellsOf(element) !== null;
  if (integer) return Math.max(integer.max, -integer.min) <= MOST_INTEGER && ladder.maxAbs > 0;
  return (
    format.kind === "float" && format.mantissaBits <= 7 && format.mantissaBits > 0 && ladder.levels.length <= 2 ** 9
  );
}

/** Values of a block that the lean kernels rotate as they read it, or 0: powers of two that threads of a row hold. */
export function turnedOf({ transforms }: Plan): number {
  if (transforms.length !== 1) return 0;
  const [{ block, hadamard }] = transforms;
  return hadamard?.paley === 1 && block >= LEAN_VALUES && block <= LEAN_COLS ? block : 0;
}

/** Errors of rotated values below 2^this have no squares to count on. */
const LEAST_ERROR = -60;

/** What the filters go by where values are rotated before and after: errors may be larger, and are looked at one by one. */
export function turnWords(plan: Plan, valueExponent: number): Partial<LeanWords> {
  const n = turnedOf(plan);
  if (n === 0) return {};
  const errorKey = Math.max(1, 4 * (valueExponent + Math.log2(n) + 2 + 127) - ERROR_KEYS);
  return {
    turn_factor: floatBits(rotationParts(plan.transforms[0]).factor),
    turn_least: floatBits(rangeOf(n).least),
    least: (LEAST_EXPONENT + 127) * FIELD,
    error_key: errorKey,
    least_error: leastError(errorKey),
  };
}

/** Whether the lean kernels can measure given results, whatever they were made by; values lie within 2^valueExponent. */
export function suitsGiven({ grid }: Plan, valueExponent: number): boolean {
  const { cols, blockCols } = grid;
  if (grid.flat || cols % LEAN_VALUES !== 0) return false;
  if (blockCols < cols && blockCols % LEAN_VALUES !== 0) return false;
  return valueExponent > LEAST_EXPONENT + 16 && valueExponent <= MOST_EXPONENT;
}

/** Octaves above the values' range up to which errors of given results are counted by floats. */
const GIVEN_OCTAVES = 8;

/** What measuring goes by. */
export function givenWords(valueExponent: number): Partial<LeanWords> {
  const errorKey = Math.max(1, 4 * (valueExponent + GIVEN_OCTAVES + 127) - ERROR_KEYS);
  return {
    bin_factor: floatBits(2 ** (8 - valueExponent)),
    ...{ whole: floatBits(1.5 * FIELD), same_whole: floatBits(1.5 * FIELD) },
    least: (LEAST_EXPONENT + 127) * FIELD,
    error_key: errorKey,
    least_error: leastError(errorKey),
  };
}

/** The least error but zero that is counted by floats: its square is normal, and it has a key of its own. */
const leastError = (errorKey: number): number => Math.max((errorKey + 1) << 21, (LEAST_ERROR + 127) * FIELD);

/** The text that measures given results: one for all formats. */
export const givenText = (device: Pick<LeanText, "products" | "subgroup">): LeanText => ({
  ...{ element: "integer", powers: false, symmetric: true, pairs: false, bySteps: false, turned: 0, given: true },
  scaleFrom: SCALE_FROM.one,
  ...device,
});

/** Whether the lean kernels can quantize a plan's values, given their scales; values lie within 2^valueExponent. */
export function suitsLean(plan: Plan, valueExponent: number): boolean {
  if (plan.levels[0]?.divisor < 0) return false;
  if (plan.transforms.length > 0 && turnedOf(plan) === 0) return false;
  return suitsGiven(plan, valueExponent) && knowsElement(plan);
}

/** Elements of the longest segment that crosses no end of a row or of an entry of the profile of blocks. */
function segmentOf(plan: Plan, step: number): number {
  const { grid, cols } = plan;
  if (grid.blockCols >= cols) return MOST_SEGMENT;
  const blocks = Math.min(powersIn(step), powersIn(grid.gridCols));
  return Math.min(MOST_SEGMENT, powersIn(grid.blockCols) * blocks);
}

/** So many rows or a few more, where those can be summed several at once: see `rowSteps`. */
const joinedRows = (rows: number): number =>
  [4, 2].map((n) => Math.ceil(rows / n) * n).find((more) => more <= 1.07 * rows) ?? rows;

/** The layout for a tile's rows. */
export function leanLayout(plan: Plan, tile: Tile, into: Accumulator): LeanLayout {
  const { rows, cols, row0 } = tile;
  const { cellRows, cellCols } = into.map;
  const segment = segmentOf(plan, into.blocks.step);
  const across = Math.ceil(cols / segment);
  const bandRows = joinedRows(Math.ceil(cellRows / Math.ceil(cellRows / LEAN_BAND_ROWS)));
  const bands = bandsOf(row0, rows, cellRows, bandRows);
  const chunks = Math.ceil(cols / LEAN_COLS);
  const groups = Math.ceil(bands.entries.length / LEAN_BANDS);
  const unit = [LEAN_VALUES, 4].find((n) => cellCols % n === 0) ?? 1;
  const workgroups = chunks * groups;
  const colsAt = SEGMENT_WORDS * rows * across;
  const unitsAt = colsAt + SEGMENT_WORDS * cols * groups;
  const sumsAt = unitsAt + (2 * bands.entries.length * cols) / unit;
  const storedAt = sumsAt + workgroups * 3 * LEAN_SUMS;
  return {
    segment,
    across,
    bands,
    bandRows,
    chunks,
    unit,
    colsAt,
    unitsAt,
    sumsAt,
    storedAt,
    words: storedAt,
    workgroups,
  };
}

/** Which text a plan's element takes. */
export function textOf(
  plan: Plan,
  scales: Pick<LeanText, "scaleFrom" | "bySteps">,
  device: Pick<LeanText, "products" | "subgroup">,
): LeanText {
  const { element, levels } = plan;
  const table = !onGrid(element);
  const limit = table ? 0 : limitOf(plan).most;
  const powers = levels.every((level) => level.ladder?.levels.every((v) => v === 0 || Math.log2(v) % 1 === 0) ?? false);
  return {
    element: table ? "table" : element.integer ? "integer" : "float",
    powers: !table && powers,
    symmetric: element.ladder!.levels[0] === -element.ladder!.maxAbs && element.ends.high === -element.ends.low,
    pairs: table || limit < 8,
    turned: turnedOf(plan),
    given: false,
    ...scales,
    ...device,
  };
}

/** The largest levels from zero up on either side, and the smaller of the sides that have any. */
function limitOf({ element }: Plan): { most: number; least: number } {
  const { integer, format, ladder } = element;
  if (integer) {
    const sides = [integer.max, -integer.min].filter((n) => n > 0);
    return { most: Math.max(...sides), least: Math.min(...sides) * 2 ** -integer.frac };
  }
  const { codes, levels } = ladder!;
  return { most: codes[codes.length - 1], least: format.kind === "float" ? levels[levels.length - 1] : 0 };
}

const FIELD = 2 ** 23;

/** Quotients are off by less than half of this, and so many of it make a step that no quotient lies on. */
const NEAR = 2 ** -20;
const STEEP = 2 ** 60;
/** Magnitudes from 2^this below the range's end on have errors that are counted, if they have any: see `ERROR_KEYS`. */
const LEAST_OCTAVES = ERROR_KEYS / 4 - 1 - 25;

/** Where values lie beyond an end, for sure or perhaps. */
const steps = (end: number) => ({
  surely: floatBits(-Math.fround(end * (1 + NEAR)) * STEEP),
  perhaps: floatBits(-Math.fround(end * (1 - NEAR)) * STEEP),
});

/** What the filters go by. */
export function filterWords(plan: Plan, valueExponent: number): Partial<LeanWords> {
  const { element } = plan;
  const { ends, ladder, rounding } = element;
  const levels = ladder!.levels;
  const sides = [levels[levels.length - 1], -levels[0]].filter((v) => v > 0);
  const [above, below] = [steps(ends.high), steps(-ends.low)];
  const errorKey = Math.max(1, 4 * (valueExponent + 127) - ERROR_KEYS);
  const shared = {
    even_parity: rounding.mode === "rne" ? 1 : 2,
    top: floatBits(levels[levels.length - 1]),
    bottom: floatBits(Math.max(0, -levels[0])),
    most_quotient: floatBits(1.99 * Math.min(...sides)),
    near_end: floatBits(Math.min(ends.high, -ends.low) * (1 - NEAR)),
    ...{ surely_above: above.surely, perhaps_above: above.perhaps },
    ...{ surely_below: below.surely, perhaps_below: below.perhaps },
    bin_factor: floatBits(2 ** (8 - valueExponent)),
    ...{ whole: floatBits(1.5 * FIELD), same_whole: floatBits(1.5 * FIELD) },
    error_key: errorKey,
    least: (Math.max(LEAST_EXPONENT, valueExponent - LEAST_OCTAVES) + 127) * FIELD,
  };
  if (!onGrid(element)) {
    const { perUnit, zero } = cellsOf(element)!;
    return { ...shared, magic: floatBits(1.5 * FIELD), cells_per_unit: floatBits(perUnit), cell_of_zero: zero };
  }
  const { unit, mantissa } = gridOf(element);
  const magic = floatBits(2 ** (23 + unit));
  if (element.integer) return { ...shared, magic, same_magic: magic, half: floatBits(2 ** (unit - 1)) };
  return {
    ...shared,
    min_field: (unit + mantissa + 127) * FIELD,
    to_magic: (23 - mantissa) * FIELD,
    to_half: (mantissa + 1) * FIELD,
    to_level: 23 - mantissa,
  };
}

/** The uniform of one dispatch: floats are given as bits. */
export const leanWords = (words: Partial<LeanWords>): Int32Array =>
  Int32Array.from(leanFields, ([name]) => words[name] ?? 0);

/** Rows whose sums are joined at once, as a power of two: no more than threads of a segment, and a band is so many times. */
export const rowSteps = ({ segment, bandRows }: LeanLayout, subgroup: number): number =>
  Math.log2(Math.min(segment / LEAN_VALUES, 2 ** rowStepsOf(subgroup), powersIn(bandRows)));

/** Where things lie. */
export function placeWords(tile: Tile, layout: LeanLayout): Partial<LeanWords> {
  return {
    rows: tile.rows,
    cols: tile.cols,
    bands: layout.bands.entries.length,
    band_rows: layout.bandRows,
    chunks: layout.chunks,
    segment_threads: layout.segment / LEAN_VALUES,
    across: layout.across,
    block_threads: 1,
    unit: layout.unit,
    cols_at: layout.colsAt,
    units_at: layout.unitsAt,
    sums_at: layout.sumsAt,
    stored_at: layout.storedAt,
  };
}

/** The part of the error matrix that a heat map shows, reduced to the cells that fit on the screen. */
import type { Quantized } from "../../../kernels/engine/types.ts";
import { UserError } from "../../errors/user-error.ts";
import type { Target } from "../../runs/target.ts";
import { tiles } from "../../runs/tiles.ts";

/** A window of the matrix reduced to at most `outRows` x `outCols` cells. */
export interface Region {
  row0: number;
  row1: number;
  col0: number;
  col1: number;
  outRows: number;
  outCols: number;
}

/** Of one recipe's result. */
export interface WindowPart extends Region {
  target: Target;
  recipe: string;
  definitions: string[];
}

/** Of several: A, or A and B for the difference. */
export interface WindowRequest extends Region {
  target: Target;
  recipes: string[];
  definitions: string[];
}

export interface WindowReply extends Region {
  /** True when every cell is one element. */
  elements: boolean;
  /**
   * Per recipe: root mean square of e over a cell's finite elements, NaN where it has none (|e| when cells are elements,
   * signed then in `signed`).
   */
  rms: Float32Array[];
  /** Per recipe, only for single elements: e with its sign, and the code. */
  signed: Float32Array[] | null;
  codes: (Uint32Array | null)[] | null;
  /** Inputs, only for single elements. */
  values: Float32Array | null;
}

/** Elements that are requantized to answer a window rather than taking the report's coarse map. */
const EXACT_ELEMENTS = 2 ** 22;
/** Beyond this the coarse map answers even where its cells are larger than the screen's. */
const MOST_ELEMENTS = 2 ** 26;

type Part = Pick<WindowReply, "rms" | "signed" | "codes" | "values">;

/**
 * One recipe's window. Where the region fits the cells, each cell is one element; otherwise a cell has the root mean
 * square of the errors of its finite elements (NaN where it has none).
 */
export async function readWindow(
  quantized: Quantized,
  region: Region,
  pace: () => Promise<void>,
): Promise<WindowReply> {
  const { rows, cols } = quantized.plan;
  checkRegion(region, rows, cols);
  const { row0, row1, col0, col1 } = region;
  const height = row1 - row0;
  const width = col1 - col0;
  const elements = height <= region.outRows && width <= region.outCols;
  const outRows = Math.min(height, region.outRows);
  const outCols = Math.min(width, region.outCols);
  const place = { row0, row1, col0, col1, outRows, outCols };
  const part = elements
    ? await readElements(quantized, place, pace)
    : mapSuffices(quantized, place)
      ? fromMap(quantized, place)
      : await reduceRows(quantized, place, pace);
  return { ...place, elements, ...part };
}

function checkRegion({ row0, row1, col0, col1, outRows, outCols }: Region, rows: number, cols: number): void {
  const whole = [row0, row1, col0, col1, outRows, outCols].every(Number.isInteger);
  if (whole && 0 <= row0 && row0 < row1 && row1 <= rows && 0 <= col0 && col0 < col1 && col1 <= cols) {
    if (outRows > 0 && outCols > 0) return;
  }
  throw new UserError(
    `The window of rows ${row0} to ${row1} and columns ${col0} to ${col1} does not lie in the ${rows} x ${cols} matrix.`,
  );
}

async function readElements(quantized: Quantized, place: Region, pace: () => Promise<void>): Promise<Part> {
  const { row0, row1, col0, col1 } = place;
  const { cols } = quantized.plan;
  const width = col1 - col0;
  const size = (row1 - row0) * width;
  const rms = new Float32Array(size);
  const signed = new Float32Array(size);
  const values = new Float32Array(size);
  let codes: Uint32Array | null = new Uint32Array(size);
  for await (const tile of tiles(quantized, row0, row1, pace)) {
    for (let row = tile.row0; row < tile.row1; row++) {
      const from = (row - tile.row0) * cols + col0;
      const to = (row - row0) * width;
      for (let i = 0; i < width; i++) {
        const error = Math.fround(tile.input[from + i] - tile.result[from + i]);
        signed[to + i] = error;
        rms[to + i] = Math.abs(error);
      }
      values.set(tile.input.subarray(from, from + width), to);
      if (tile.codes) codes?.set(tile.codes.subarray(from, from + width), to);
    }
    if (!tile.codes) codes = null;
  }
  return { rms: [rms], signed: [signed], codes: [codes], values };
}

async function reduceRows(quantized: Quantized, place: Region, pace: () => Promise<void>): Promise<Part> {
  const { row0, row1, col0, col1, outRows, outCols } = place;
  const { cols } = quantized.plan;
  const sums = new Float64Array(outRows * outCols);
  const counts = new Uint32Array(outRows * outCols);
  const cellOf = Uint32Array.from({ length: col1 - col0 }, (_, i) => Math.floor((i * outCols) / (col1 - col0)));
  for await (const tile of tiles(quantized, row0, row1, pace)) {
    for (let row = tile.row0; row < tile.row1; row++) {
      const from = (row - tile.row0) * cols + col0;
      const base = Math.floor(((row - row0) * outRows) / (row1 - row0)) * outCols;
      for (let i = 0; i < cellOf.length; i++) {
        const error = Math.fround(tile.input[from + i] - tile.result[from + i]);
        if (!Number.isFinite(error)) continue;
        sums[base + cellOf[i]] += error * error;
        counts[base + cellOf[i]]++;
      }
    }
  }
  const rms = Float32Array.from(sums, (sum, i) => Math.sqrt(sum / counts[i]));
  return { rms: [rms], signed: null, codes: null, values: null };
}

/** Whether the coarse map answers: the region is too large to walk again, and the map fine enough (or nothing else is). */
function mapSuffices({ report: { map, matrix } }: Quantized, place: Region): boolean {
  const height = place.row1 - place.row0;
  const walked = height * matrix.cols;
  if (walked <= EXACT_ELEMENTS) return false;
  if (walked > MOST_ELEMENTS) return true;
  const width = place.col1 - place.col0;
  return map.cellRows <= (2 * height) / place.outRows && map.cellCols <= (2 * width) / place.outCols;
}

/** Each cell takes the map's cells that it touches, whole. */
function fromMap({ report: { map, matrix } }: Quantized, place: Region): Part {
  const down = spans(place.row0, place.row1, place.outRows, map.cellRows);
  const across = spans(place.col0, place.col1, place.outCols, map.cellCols);
  const rms = new Float32Array(place.outRows * place.outCols);
  down.forEach(([top, bottom], i) => {
    const height = Math.min(bottom * map.cellRows, matrix.rows) - top * map.cellRows;
    across.forEach(([left, right], j) => {
      const width = Math.min(right * map.cellCols, matrix.cols) - left * map.cellCols;
      let sum = 0;
      for (let row = top; row < bottom; row++)
        for (let col = left; col < right; col++) sum += map.error[row * map.cols + col];
      rms[i * place.outCols + j] = Math.sqrt(sum / (height * width));
    });
  });
  return { rms: [rms], signed: null, codes: null, values: null };
}

/** For each of `out` cells over [from, to): the range of map cells, each `step` wide, that it touches. */
function spans(from: number, to: number, out: number, step: number): [number, number][] {
  const edge = (i: number) => from + Math.ceil((i * (to - from)) / out);
  return Array.from({ length: out }, (_, i) => [Math.floor(edge(i) / step), Math.ceil(edge(i + 1) / step)]);
}

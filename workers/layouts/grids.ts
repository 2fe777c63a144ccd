/** Scales and zero points as they are stored: by rows, transposed, swizzled, packed; and arithmetic between them. */
import { codeTable } from "../../kernels/formats/index.ts";
import { decodeInto } from "../tensors/decode.ts";
import type { Tensor } from "../tensors/tensor.ts";
import { columnBytes, elementBytes, transposeBytes } from "./bytes.ts";
import { awqNibble, dense, type Unpack, unpackRows } from "./codes.ts";
import type { Grid } from "./decoding.ts";
import { swizzleFacts } from "./facts.ts";

/** Values of a tensor of scales; unsigned bytes are exponents. */
async function scaleValues(tensor: Tensor, first: number, last: number, signal?: AbortSignal): Promise<Float32Array> {
  const values = await tensor.read(first, last, signal);
  if (tensor.info.dtype !== "U8") return values;
  const powers = codeTable("e8m0");
  return values.map((code) => powers[code]);
}

/** A tensor of one value a block, row by row. */
export function storedGrid(tensor: Tensor, cols: number): Grid {
  return { cols, rows: (g0, g1, signal) => scaleValues(tensor, g0 * cols, g1 * cols, signal) };
}

/** A tensor of plain numbers, row by row: zero points, whose unsigned bytes are integers. */
export function plainGrid(tensor: Tensor, cols: number): Grid {
  return { cols, rows: (g0, g1, signal) => tensor.read(g0 * cols, g1 * cols, signal) };
}

/** A tensor of one byte a block that are codes of a format, whatever type they are declared as. */
export function tableGrid(tensor: Tensor, cols: number, levels: Float32Array): Grid {
  return {
    cols,
    rows: async (g0, g1, signal) =>
      Float32Array.from(await elementBytes(tensor, g0 * cols, g1 * cols, signal), (code) => levels[code]),
  };
}

/** A tensor of two values a byte, row by row, the first in the low nibble. `cols` is even. */
export function nibbleGrid(tensor: Tensor, cols: number): Grid {
  const perRow = (4 * cols) / tensor.stored!.dtype.bits;
  return {
    cols,
    rows: async (g0, g1, signal) => {
      const bytes = await elementBytes(tensor, g0 * perRow, g1 * perRow, signal);
      return Float32Array.from({ length: (g1 - g0) * cols }, (_, i) => (bytes[i >> 1] >> (4 * (i & 1))) & 15);
    },
  };
}

/** Values packed from the lowest bits up, each row of them in `stride` whole bytes. */
export function packedRowGrid(tensor: Tensor, cols: number, bits: number, stride: number): Grid {
  return {
    cols,
    rows: async (g0, g1, signal) => {
      const bytes = await elementBytes(tensor, g0 * stride, g1 * stride, signal);
      return Float32Array.from(unpackRows(bytes, stride, g1 - g0, cols, dense(bits)));
    },
  };
}

/** The same value for every block. */
export function constantGrid(value: number, cols = 1): Grid {
  return { cols, rows: async (g0, g1) => new Float32Array((g1 - g0) * cols).fill(value) };
}

/** Another grid's values, each put through `change` and rounded to float32. */
function mapGrid(grid: Grid, change: (value: number) => number): Grid {
  return { cols: grid.cols, rows: async (g0, g1, signal) => (await grid.rows(g0, g1, signal)).map(change) };
}

/**
 * Every block's scale multiplied with, or divided by, a float32 of the whole tensor (or of each stacked matrix, which has
 * `rowsEach` rows of blocks). Read when it is first needed.
 */
export function timesGlobal(grid: Grid, global: Tensor, sense: string, rowsEach: number): Grid {
  let known: Promise<Float32Array> | undefined;
  return {
    cols: grid.cols,
    async rows(g0, g1, signal) {
      known ??= global.read(0, global.info.elements);
      known.catch(() => {
        known = undefined;
      });
      const [factors, scales] = await Promise.all([known, grid.rows(g0, g1, signal)]);
      return scales.map((s, i) => {
        const matrix = factors.length === 1 ? 0 : Math.floor((g0 + Math.floor(i / grid.cols)) / rowsEach);
        return sense === "divide" ? s / factors[matrix] : s * factors[matrix];
      });
    },
  };
}

/** The reciprocal where a scale is read as a divisor. */
export function inSense(grid: Grid, sense: string): Grid {
  return sense === "divide" ? mapGrid(grid, (s) => 1 / s) : grid;
}

/** A tensor of plain numbers stored transposed, [cols, rows]. */
export function turnedGrid(tensor: Tensor, rows: number, cols: number): Grid {
  const { dtype } = tensor.stored!;
  return {
    cols,
    async rows(g0, g1, signal) {
      const bytes = await columnBytes(tensor, cols, rows, g0, g1, signal);
      const band = new Float32Array(cols * (g1 - g0));
      decodeInto(dtype, bytes, 0, true, band);
      return turned(band, cols, g1 - g0);
    },
  };
}

/** Zero points packed along the output, [groups, words], without gaps. `more` is added to each, within its bits. */
export function packedZeros(tensor: Tensor, cols: number, bits: number, more: number): Grid {
  const words = tensor.info.shape[1];
  const mask = 2 ** bits - 1;
  return {
    cols,
    async rows(g0, g1, signal) {
      const w0 = Math.floor((g0 * bits) / 32);
      const w1 = Math.ceil((g1 * bits) / 32);
      const band = await columnBytes(tensor, cols, words, w0, w1, signal);
      const out = new Float32Array((g1 - g0) * cols);
      for (let c = 0; c < cols; c++) {
        const row = band.subarray(4 * c * (w1 - w0), 4 * (c + 1) * (w1 - w0));
        for (let g = g0; g < g1; g++) {
          const bit = g * bits - 32 * w0;
          const code = (row[bit >> 3] | (row[(bit >> 3) + 1] << 8)) >> (bit & 7);
          out[(g - g0) * cols + c] = ((code & mask) + more) & mask;
        }
      }
      return out;
    },
  };
}

/** AWQ's zero points, [groups, out/8]. */
export function awqZeros(tensor: Tensor, cols: number, order: string, more: number): Grid {
  const words = tensor.info.shape[1];
  return {
    cols,
    async rows(g0, g1, signal) {
      const w0 = Math.floor(g0 / 8);
      const w1 = Math.ceil(g1 / 8);
      const band = await columnBytes(tensor, cols, words, w0, w1, signal);
      const view = new DataView(band.buffer, band.byteOffset);
      const out = new Float32Array((g1 - g0) * cols);
      for (let g = g0; g < g1; g++) {
        for (let c = 0; c < cols; c++) {
          const word = view.getUint32(4 * (c * (w1 - w0) + Math.floor(g / 8) - w0), true);
          out[(g - g0) * cols + c] = ((word >>> (4 * awqNibble(order, g % 8))) + more) & 15;
        }
      }
      return out;
    },
  };
}

/**
 * Zero points packed down the columns (compressed-tensors), [words, cols]. `every` is the least number of rows that fill
 * whole words. `offset` is taken off each.
 */
export function zerosDownColumns(
  tensor: Tensor,
  cols: number,
  { unpack, every }: { unpack: Unpack; every: { rows: number; words: number } },
  offset: number,
): Grid {
  const words = tensor.info.shape[0];
  return {
    cols,
    async rows(g0, g1, signal) {
      const first = Math.floor(g0 / every.rows);
      const w0 = first * every.words;
      const w1 = Math.min(words, Math.ceil(g1 / every.rows) * every.words);
      const bytes = await elementBytes(tensor, w0 * cols, w1 * cols, signal);
      const columns = transposeBytes(bytes, w1 - w0, cols, 4);
      const row0 = first * every.rows;
      const codes = unpackRows(columns, 4 * (w1 - w0), cols, g1 - row0, unpack);
      const out = new Float32Array((g1 - g0) * cols);
      for (let c = 0; c < cols; c++) {
        for (let g = g0; g < g1; g++) out[(g - g0) * cols + c] = codes[c * (g1 - row0) + g - row0] - offset;
      }
      return out;
    },
  };
}

/** Scales in tiles of 128 x 4, padded to whole tiles. */
export function swizzledGrid(tensor: Tensor, rows: number, cols: number): Grid {
  const { tileRows, tileCols } = swizzleFacts;
  const acrossTiles = Math.ceil(cols / tileCols);
  const size = acrossTiles * tileRows * tileCols;
  return {
    cols,
    async rows(g0, g1, signal) {
      const t0 = Math.floor(g0 / tileRows);
      const t1 = Math.ceil(Math.min(g1, rows) / tileRows);
      const tiles = await scaleValues(tensor, t0 * size, t1 * size, signal);
      const out = new Float32Array((g1 - g0) * cols);
      for (let r = g0; r < g1; r++) {
        for (let c = 0; c < cols; c++) out[(r - g0) * cols + c] = tiles[swizzledAt(r, c, acrossTiles) - t0 * size];
      }
      return out;
    },
  };
}

/** Where the scale of row r and block column c lies: within a tile, rows 32 apart are neighbours. */
function swizzledAt(r: number, c: number, acrossTiles: number): number {
  const tile = Math.floor(r / 128) * acrossTiles + Math.floor(c / 4);
  return tile * 512 + (r % 32) * 16 + Math.floor((r % 128) / 32) * 4 + (c % 4);
}

/** Elements that swizzled scales take. */
export function swizzledSize(rows: number, cols: number): number {
  return Math.ceil(rows / swizzleFacts.tileRows) * Math.ceil(cols / swizzleFacts.tileCols) * 512;
}

function turned(values: Float32Array, rows: number, cols: number): Float32Array {
  const out = new Float32Array(values.length);
  for (let r = 0; r < rows; r++) for (let c = 0; c < cols; c++) out[c * rows + r] = values[r * cols + c];
  return out;
}

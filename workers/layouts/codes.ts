/** Codes out of bytes: one function for each way of packing, and readers of rows built from them. */
import type { Tensor } from "../tensors/tensor.ts";
import { asBytes, columnBytes, elementBytes, transposeBytes } from "./bytes.ts";
import type { Decoding } from "./decoding.ts";
import { awqFacts, type BitOrder } from "./facts.ts";

type ReadCodes = Decoding["codes"];

/** Unpacks `out.length` codes of a row that begins with the first byte. */
export type Unpack = (row: Uint8Array, out: Uint8Array) => void;

/** Codes run on without gaps from the lowest bit up, across bytes and words. Up to 8 bits each. */
export function dense(bits: number): Unpack {
  if (bits === 8) return (row, out) => out.set(row.subarray(0, out.length));
  if (bits === 4) return nibbles("low");
  const mask = 2 ** bits - 1;
  return (row, out) => {
    for (let i = 0, bit = 0; i < out.length; i++, bit += bits) {
      const at = bit >> 3;
      out[i] = ((row[at] | (row[at + 1] << 8)) >> (bit & 7)) & mask;
    }
  };
}

/** As many whole codes as fit into each 32-bit word; what is left over at its high end is unused. */
export function wholeWords(bits: number, order: BitOrder): Unpack {
  const perWord = Math.floor(32 / bits);
  const mask = 2 ** bits - 1;
  return (row, out) => {
    for (let i = 0, word = 0; i < out.length; word += 4) {
      const value = row[word] | (row[word + 1] << 8) | (row[word + 2] << 16) | (row[word + 3] << 24);
      for (let k = 0; k < perWord && i < out.length; k++, i++) {
        out[i] = (value >>> (bits * (order === "low" ? k : perWord - 1 - k))) & mask;
      }
    }
  };
}

/** Two codes a byte. */
export function nibbles(order: BitOrder): Unpack {
  const first = order === "low" ? 0 : 4;
  return (row, out) => {
    const pairs = out.length >> 1;
    for (let i = 0; i < pairs; i++) {
      out[2 * i] = (row[i] >> first) & 15;
      out[2 * i + 1] = (row[i] >> (4 - first)) & 15;
    }
    if (out.length & 1) out[out.length - 1] = (row[pairs] >> first) & 15;
  };
}

/** One code a byte. */
export const wholeBytes: Unpack = (row, out) => out.set(row.subarray(0, out.length));

/** Rows of `stride` bytes unpacked into rows of `cols` codes. */
export function unpackRows(bytes: Uint8Array, stride: number, rows: number, cols: number, unpack: Unpack): Uint8Array {
  const out = new Uint8Array(rows * cols);
  for (let r = 0; r < rows; r++) {
    unpack(bytes.subarray(r * stride, (r + 1) * stride), out.subarray(r * cols, (r + 1) * cols));
  }
  return out;
}

const widthOf = (tensor: Tensor) => tensor.stored!.dtype.bits / 8;

/** Codes of a matrix stored row by row, `words` stored elements a row. */
export function rowCodes(tensor: Tensor, words: number, cols: number, unpack: Unpack): ReadCodes {
  const stride = words * widthOf(tensor);
  return async (r0, r1, signal) => {
    const bytes = await elementBytes(tensor, r0 * words, Math.min(r1 * words, tensor.info.elements), signal);
    return unpackRows(bytes, stride, r1 - r0, cols, unpack);
  };
}

/** Codes of fewer bits than a byte that run on through the whole tensor, whatever its rows are. */
export function bitCodes(tensor: Tensor, cols: number, bits: number): ReadCodes {
  const bytes = asBytes(tensor);
  return async (r0, r1, signal) => {
    const out = new Uint8Array((r1 - r0) * cols);
    const first = r0 * cols * bits;
    const from = Math.floor(first / 8);
    const stored = await elementBytes(bytes, from, Math.ceil((r1 * cols * bits) / 8), signal);
    for (let i = 0, bit = first - 8 * from; i < out.length; i++, bit += bits) {
      out[i] = (stored[bit >> 3] >> (bit & 7)) & (2 ** bits - 1);
    }
    return out;
  };
}

/** Codes of a matrix stored transposed, [words, rows], each column of words packed as a row would be. */
export function columnCodes(tensor: Tensor, words: number, rows: number, cols: number, unpack: Unpack): ReadCodes {
  const width = widthOf(tensor);
  return async (r0, r1, signal) => {
    const band = await columnBytes(tensor, words, rows, r0, r1, signal);
    const turned = transposeBytes(band, words, r1 - r0, width);
    return unpackRows(turned, words * width, r1 - r0, cols, unpack);
  };
}

/** Nibble of the column c of a word under AWQ's order, or a plain one. */
export const awqNibble = (order: string, c: number): number => (order === "awq" ? awqFacts.nibbleOf[c] : c);

/** AWQ: each word of row i holds eight outputs at input i; codes come out as [out, in]. */
export function awqCodes(tensor: Tensor, cols: number, words: number, order: string): ReadCodes {
  return async (r0, r1, signal) => {
    const w0 = Math.floor(r0 / 8);
    const w1 = Math.ceil(r1 / 8);
    const band = await columnBytes(tensor, cols, words, w0, w1, signal);
    const view = new DataView(band.buffer, band.byteOffset);
    const out = new Uint8Array((r1 - r0) * cols);
    for (let r = r0; r < r1; r++) {
      const shift = 4 * awqNibble(order, r % 8);
      const word = Math.floor(r / 8) - w0;
      for (let c = 0; c < cols; c++) {
        out[(r - r0) * cols + c] = (view.getUint32(4 * (c * (w1 - w0) + word), true) >>> shift) & 15;
      }
    }
    return out;
  };
}

/**
 * Codes of rows that lie a fixed step apart in words of several (HQQ): with `step` stored rows, word w of stored row s
 * holds rows s, s + step, s + 2 step ... from one end to the other.
 */
export function splitCodes(
  tensor: Tensor,
  step: number,
  cols: number,
  packing: { bits: number; perWord: number; wordBytes: number },
  order: BitOrder,
): ReadCodes {
  const { bits, perWord, wordBytes } = packing;
  // The words may be declared as another type of the same bytes.
  const perElement = wordBytes / widthOf(tensor);
  const mask = 2 ** bits - 1;
  return async (r0, r1, signal) => {
    const out = new Uint8Array((r1 - r0) * cols);
    for (let r = r0; r < r1; ) {
      const segment = Math.floor(r / step);
      const stop = Math.min(r1, (segment + 1) * step);
      const from = (r - segment * step) * cols * perElement;
      const bytes = await elementBytes(tensor, from, from + (stop - r) * cols * perElement, signal);
      const shift = bits * (order === "low" ? segment : perWord - 1 - segment);
      const at = (r - r0) * cols;
      for (let i = 0; i < (stop - r) * cols; i++) {
        let word = bytes[i * wordBytes];
        for (let b = 1; b < wordBytes; b++) word |= bytes[i * wordBytes + b] << (8 * b);
        out[at + i] = (word >>> shift) & mask;
      }
      r = stop;
    }
    return out;
  };
}

/** Two rows a byte (ModelOpt's exported INT4): stored row s holds rows 2s and 2s + 1. */
export function rowPairCodes(tensor: Tensor, cols: number, order: BitOrder): ReadCodes {
  return async (r0, r1, signal) => {
    const s0 = Math.floor(r0 / 2);
    const bytes = await elementBytes(tensor, s0 * cols, Math.ceil(r1 / 2) * cols, signal);
    const out = new Uint8Array((r1 - r0) * cols);
    for (let r = r0; r < r1; r++) {
      const shift = r % 2 === (order === "low" ? 0 : 1) ? 0 : 4;
      const from = (Math.floor(r / 2) - s0) * cols;
      for (let c = 0; c < cols; c++) out[(r - r0) * cols + c] = (bytes[from + c] >> shift) & 15;
    }
    return out;
  };
}

/** Bytes of stored tensors, as rows and as columns. */
import { bytesOf, findDtype } from "../tensors/decode.ts";
import { countElements } from "../tensors/shape.ts";
import type { Tensor } from "../tensors/tensor.ts";

/** Bytes of elements [first, last) in little-endian order. The tensor must have a placement, and whole bytes an element. */
export async function elementBytes(
  tensor: Tensor,
  first: number,
  last: number,
  signal?: AbortSignal,
): Promise<Uint8Array> {
  const { source, dtype, begin, littleEndian } = tensor.stored!;
  const width = dtype.bits / 8;
  const bytes = await source.slice(begin + first * width, begin + last * width, signal);
  if (!littleEndian && width > 1) {
    for (let i = 0; i < bytes.length; i += width) bytes.subarray(i, i + width).reverse();
  }
  return bytes;
}

/** The same bytes seen as bytes, whatever type they are declared as. */
export function asBytes(tensor: Tensor): Tensor {
  const elements = storedBytes(tensor);
  const info = { ...tensor.info, dtype: "U8", shape: [elements], elements };
  return { ...tensor, info, stored: { ...tensor.stored!, dtype: findDtype("U8")! } };
}

/** Bytes that a tensor takes in its file. */
export function storedBytes(tensor: Tensor): number {
  return tensor.stored ? bytesOf(tensor.stored.dtype, countElements(tensor.info.shape)) : 0;
}

/** Most bytes of one band of columns, and of all bands held. */
const BAND_BYTES = 32 * 2 ** 20;
const HELD_BYTES = 96 * 2 ** 20;
/** Slices asked for at once while a band is read. */
const AT_ONCE = 16;

interface Band {
  bytes: number;
  content: Promise<Uint8Array>;
}

/** Bands by tensor and first column, the least recently used given up first. */
const held = new Map<Tensor, Map<number, Band>>();
let heldBytes = 0;

/**
 * Columns of a matrix that is stored row by row. To read a few columns, every row must be touched: so a band of
 * neighbouring columns, up to 32 MiB of it, is read at once and kept for the columns asked for next. A matrix that fits is one
 * band and is read in one piece; a larger one costs a slice of each row for each band, and no byte is read twice while
 * bands are walked in order.
 */
export async function columnBytes(
  tensor: Tensor,
  rows: number,
  cols: number,
  col0: number,
  col1: number,
  signal?: AbortSignal,
): Promise<Uint8Array> {
  const width = tensor.stored!.dtype.bits / 8;
  const perBand = Math.max(1, Math.min(cols, Math.floor(BAND_BYTES / (rows * width))));
  const out = new Uint8Array(rows * (col1 - col0) * width);
  for (let first = col0 - (col0 % perBand); first < col1; first += perBand) {
    const last = Math.min(first + perBand, cols);
    const band = await bandOf(tensor, rows, cols, first, last, signal);
    const from = Math.max(first, col0);
    const count = (Math.min(last, col1) - from) * width;
    for (let r = 0; r < rows; r++) {
      const at = (r * (last - first) + from - first) * width;
      out.set(band.subarray(at, at + count), (r * (col1 - col0) + from - col0) * width);
    }
  }
  return out;
}

async function bandOf(tensor: Tensor, rows: number, cols: number, first: number, last: number, signal?: AbortSignal) {
  const own = held.get(tensor) ?? new Map<number, Band>();
  const known = own.get(first);
  held.delete(tensor);
  held.set(tensor, own);
  if (known) {
    try {
      return await known.content;
    } catch (error) {
      // Whoever asked first may have cancelled; this caller did not.
      if ((error as Error).name !== "AbortError" || signal?.aborted) throw error;
      return bandOf(tensor, rows, cols, first, last, signal);
    }
  }
  const bytes = (rows * (last - first) * tensor.stored!.dtype.bits) / 8;
  makeRoom(bytes, tensor);
  const content = readBand(tensor, rows, cols, first, last, signal);
  own.set(first, { bytes, content });
  heldBytes += bytes;
  content.catch(() => {
    if (own.get(first)?.content === content && own.delete(first)) heldBytes -= bytes;
  });
  return content;
}

/** Gives up bands of other tensors first, then of this one. */
function makeRoom(bytes: number, tensor: Tensor): void {
  for (const [other, bands] of [...held].sort(([a], [b]) => Number(a === tensor) - Number(b === tensor))) {
    for (const [first, band] of bands) {
      if (heldBytes + bytes <= HELD_BYTES) return;
      bands.delete(first);
      heldBytes -= band.bytes;
    }
    if (bands.size === 0 && other !== tensor) held.delete(other);
  }
}

async function readBand(tensor: Tensor, rows: number, cols: number, first: number, last: number, signal?: AbortSignal) {
  if (first === 0 && last === cols) return elementBytes(tensor, 0, rows * cols, signal);
  const width = tensor.stored!.dtype.bits / 8;
  const stride = (last - first) * width;
  const out = new Uint8Array(rows * stride);
  for (let r0 = 0; r0 < rows; r0 += AT_ONCE) {
    const some = Array.from({ length: Math.min(AT_ONCE, rows - r0) }, async (_, i) => {
      const r = r0 + i;
      out.set(await elementBytes(tensor, r * cols + first, r * cols + last, signal), r * stride);
    });
    await Promise.all(some);
  }
  return out;
}

/** Gives up the bands of these tensors. */
export function forgetBands(tensors: readonly Tensor[]): void {
  for (const tensor of tensors) {
    const bands = held.get(tensor);
    for (const band of bands?.values() ?? []) heldBytes -= band.bytes;
    bands?.clear();
    held.delete(tensor);
  }
}

/** A rows x cols matrix of elements of `width` bytes, transposed. */
export function transposeBytes(bytes: Uint8Array, rows: number, cols: number, width: number): Uint8Array {
  const out = new Uint8Array(bytes.length);
  if (width === 4 && bytes.byteOffset % 4 === 0) {
    const from = new Uint32Array(bytes.buffer, bytes.byteOffset, rows * cols);
    const to = new Uint32Array(out.buffer);
    for (let c = 0; c < cols; c++) for (let r = 0; r < rows; r++) to[c * rows + r] = from[r * cols + c];
    return out;
  }
  for (let r = 0; r < rows; r++) {
    for (let c = 0; c < cols; c++) {
      for (let b = 0; b < width; b++) out[(c * rows + r) * width + b] = bytes[(r * cols + c) * width + b];
    }
  }
  return out;
}

import { type BlockCodec, codecOf } from "./codecs.ts";
import { type BlockWeights, type GgmlType, SUPER } from "./types.ts";

const values = new Float32Array(SUPER);
const codes = new Uint8Array(SUPER);
const blockWeights: BlockWeights = { of: new Float32Array(SUPER), rowMeanSquare: 0 };

/**
 * Importance weights of a matrix's columns: mean squares of what each column meets. `values` holds one row of weights for each
 * of `values.length / cols` experts, whose rows of the matrix follow one another, equally many each.
 */
export interface Importance {
  values: Float32Array;
  /** Rows of the matrix that share a row of weights. */
  rowsEach: number;
}

/** Encodes whole blocks of one row: values [from, from + cols) to the zero bytes at `at`. NaN and Inf become 0. */
export function encodeRow(
  codec: BlockCodec,
  x: Float32Array,
  from: number,
  cols: number,
  bytes: Uint8Array,
  at: number,
  weights: Float32Array | null,
): void {
  const { elements, bytes: size } = codec.type;
  if (weights) blockWeights.rowMeanSquare = meanSquare(x, from, cols);
  for (let b = 0; b < cols; b += elements) {
    for (let j = 0; j < elements; j++) {
      const v = x[from + b + j];
      values[j] = v - v === 0 ? v : 0;
    }
    if (weights) for (let j = 0; j < elements; j++) blockWeights.of[j] = weights[b + j];
    const block = at + (b / elements) * size;
    codec.encode(values, codes, bytes, block, weights && blockWeights);
    codec.layout.pack?.(codes, bytes, block);
  }
}

/** In float32, in order, of what is finite. */
function meanSquare(x: Float32Array, from: number, n: number): number {
  let sum = 0;
  for (let i = from; i < from + n; i++) {
    const v = x[i];
    if (v - v === 0) sum = Math.fround(sum + Math.fround(v * v));
  }
  return Math.fround(sum / n);
}

/** Whether `encodeBlocks` knows the type. */
export const canEncode = (type: GgmlType): boolean => codecOf(type) !== undefined;

/**
 * Quantizes values to whole blocks, byte for byte as ggml does: the inverse of `decodeBlocks`. `bytes` is overwritten. Rows of a
 * matrix may follow one another where they are whole blocks; with `weights` (one for each column, finite and not negative) the
 * values are rows of that length. Types with grids need `codec.load` to have come back.
 *
 * @throws {RangeError} for a type whose quantizer is not reproduced, for lengths that are not those of whole blocks or rows, and
 *   for NaN and Inf, which ggml's tools refuse too.
 */
export function encodeBlocks(
  type: GgmlType,
  x: Float32Array,
  bytes: Uint8Array,
  weights: Float32Array | null = null,
): void {
  const codec = codecOf(type);
  if (!codec) throw new RangeError(`${type.name} blocks are not written here`);
  const cols = weights ? weights.length : type.elements;
  const rows = x.length / cols;
  if (
    cols % type.elements !== 0 ||
    !Number.isInteger(rows) ||
    bytes.length !== (x.length / type.elements) * type.bytes
  ) {
    throw new RangeError(`${bytes.length} bytes of ${type.name} for ${x.length} elements`);
  }
  for (let i = 0; i < x.length; i++) {
    if (x[i] - x[i] !== 0) throw new RangeError(`value ${i} is ${x[i]}: ${type.name} holds finite values only`);
  }
  bytes.fill(0);
  const size = (cols / type.elements) * type.bytes;
  for (let r = 0; r < rows; r++) encodeRow(codec, x, r * cols, cols, bytes, r * size, weights);
}

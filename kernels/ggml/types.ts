/**
 * One block at byte `at` of `bytes` to as many float32 values from `to` on. Fields are little-endian.
 *
 * ggml computes in float32 and rounds every product and difference. But scales are halves (11 bits) and what they are
 * multiplied with are small integers and powers of two, so that no product needs more than float32's 24 bits, and only a
 * last step (taking a minimum off, or the product with Q8_K's float32 scale) rounds. Float64 holds all of it exactly, and
 * storing in the Float32Array is that one rounding: the bits of ggml's dequantize_row_* without fused multiply-add.
 */
export type DecodeBlock = (bytes: Uint8Array, at: number, out: Float32Array, to: number) => void;

/** What importance weights (an "imatrix") tell of a block. */
export interface BlockWeights {
  /** One for each value of the block, from index 0 on; finite and not negative. */
  of: Float32Array;
  /** The mean square of the row's values in float32, summed in order; the types with one scale in 32 values add it to each square. */
  rowMeanSquare: number;
}

/**
 * One block's quantizer: writes the scales to the block at byte `at`, whose bytes are zero, and one code an element. `x`
 * begins with the block's values, all finite; `codes` has room for a super-block. `weights` is null where nothing is known of
 * the columns: ggml then takes other ways in some types, so that weights of one are not the same.
 *
 * Here float32 decides: every operation is rounded, in the order of ggml's C, as a build without fused multiply-add
 * computes it. Compilers that contract `a * b + c` (GCC and Clang do where the processor can and nobody forbids it)
 * give a few other codes in Q4_0, Q4_1, Q5_0, Q5_1, the K-quants and the types with grids.
 */
export type EncodeBlock = (
  x: Float32Array,
  codes: Uint8Array,
  bytes: Uint8Array,
  at: number,
  weights: BlockWeights | null,
) => void;

/** A tensor type of the ggml library, as GGUF files name it by its id. */
export interface GgmlType {
  id: number;
  /** As ggml spells it, in upper case. */
  name: string;
  /** Elements a block; 1 for plain numbers. Blocks lie along a row and never cross into the next. */
  elements: number;
  /** Bytes a block. */
  bytes: number;
  /** `null` for plain numbers, which are no blocks to decode. */
  decode: DecodeBlock | null;
  /**
   * Where in a block a big-endian file keeps its 16-bit fields, for the types that ggml's tools convert to that order.
   * Absent for the others: nothing says what their blocks would look like.
   */
  bigEndianHalves?: readonly number[];
}

/** Bits an element takes as stored, scales included. */
export function bitsPerWeight({ bytes, elements }: GgmlType): number {
  return (8 * bytes) / elements;
}

/** Elements of a super-block. */
export const SUPER = 256;

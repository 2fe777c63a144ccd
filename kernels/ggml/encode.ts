import { type BlockCodec, codecOf } from "./codecs.ts";
import { type GgmlType, SUPER } from "./types.ts";

const values = new Float32Array(SUPER);
const codes = new Uint8Array(SUPER);

/** Encodes one block: the values at `from` to the zero bytes at `at`. NaN and Inf become 0. */
export function encodeBlock(codec: BlockCodec, x: Float32Array, from: number, bytes: Uint8Array, at: number): void {
  const { elements } = codec.type;
  for (let j = 0; j < elements; j++) {
    const v = x[from + j];
    values[j] = v - v === 0 ? v : 0;
  }
  codec.encode(values, codes, bytes, at);
  codec.layout.pack(codes, bytes, at);
}

/** Whether `encodeBlocks` knows the type. */
export const canEncode = (type: GgmlType): boolean => codecOf(type) !== undefined;

/**
 * Quantizes values to whole blocks, byte for byte as ggml does without an importance matrix: the inverse of
 * `decodeBlocks`. `bytes` is overwritten. Rows of a matrix may follow one another where they are whole blocks.
 *
 * @throws {RangeError} for a type whose quantizer is not reproduced, for lengths that are not those of whole blocks, and
 *   for NaN and Inf, which ggml's tools refuse too.
 */
export function encodeBlocks(type: GgmlType, x: Float32Array, bytes: Uint8Array): void {
  const codec = codecOf(type);
  if (!codec) throw new RangeError(`${type.name} blocks are not written here`);
  const blocks = x.length / type.elements;
  if (!Number.isInteger(blocks) || bytes.length !== blocks * type.bytes) {
    throw new RangeError(`${bytes.length} bytes of ${type.name} for ${x.length} elements`);
  }
  for (let i = 0; i < x.length; i++) {
    if (x[i] - x[i] !== 0) throw new RangeError(`value ${i} is ${x[i]}: ${type.name} holds finite values only`);
  }
  bytes.fill(0);
  for (let b = 0; b < blocks; b++) encodeBlock(codec, x, b * type.elements, bytes, b * type.bytes);
}

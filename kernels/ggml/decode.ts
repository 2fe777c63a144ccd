import type { GgmlType } from "./types.ts";

/**
 * Decodes whole blocks: `bytes` holds as many as `out` has room for. Throws RangeError for plain numbers and for lengths
 * that are not those of whole blocks.
 */
export function decodeBlocks(type: GgmlType, bytes: Uint8Array, out: Float32Array): void {
  const { name, decode, elements } = type;
  const blocks = out.length / elements;
  if (!decode) throw new RangeError(`${name} has no blocks`);
  if (!Number.isInteger(blocks) || bytes.length !== blocks * type.bytes) {
    throw new RangeError(`${bytes.length} bytes of ${name} for ${out.length} elements`);
  }
  for (let block = 0; block < blocks; block++) decode(bytes, block * type.bytes, out, block * elements);
}

/** Turns the fields of whole big-endian blocks around, in place, for `decodeBlocks`. Throws RangeError where that order is not defined. */
export function blocksToLittleEndian(type: GgmlType, bytes: Uint8Array): void {
  if (!type.bigEndianHalves) throw new RangeError(`${type.name} has no big-endian form`);
  for (let block = 0; block < bytes.length; block += type.bytes) {
    for (const field of type.bigEndianHalves) {
      const first = bytes[block + field];
      bytes[block + field] = bytes[block + field + 1];
      bytes[block + field + 1] = first;
    }
  }
}

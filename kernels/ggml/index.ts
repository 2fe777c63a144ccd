/** Block types of the ggml library, as GGUF files hold them. */
export { type BlockCodec, blockCodecs, codecOf, type StoredField } from "./codecs.ts";
export { blocksToLittleEndian, decodeBlocks } from "./decode.ts";
export { canEncode, encodeBlock, encodeBlocks } from "./encode.ts";
export { findGgmlType, ggmlTypes, removedGgmlTypes } from "./registry.ts";
export { bitsPerWeight, type DecodeBlock, type GgmlType } from "./types.ts";

/** Block types of the ggml library, as GGUF files hold them. */
export { type BlockCodec, blockCodecs, codecNamed, codecOf, type StoredField } from "./codecs.ts";
export { blocksToLittleEndian, decodeBlocks } from "./decode.ts";
export { canEncode, encodeBlock, encodeBlocks } from "./encode.ts";
export { type BlockQuantizer, blockQuantizer, blockQuantizers } from "./names.ts";
export { findGgmlType, ggmlTypes, removedGgmlTypes } from "./registry.ts";
export { bitsPerWeight, type DecodeBlock, type GgmlType } from "./types.ts";

/** Block types of the ggml library, as GGUF files hold them. */
export { type BlockCodec, blockCodecs, codecNamed, codecOf } from "./codecs.ts";
export { blocksToLittleEndian, decodeBlocks } from "./decode.ts";
export { canEncode, encodeBlocks, type Importance } from "./encode.ts";
export { type BlockQuantizer, blockQuantizer, blockQuantizers } from "./names.ts";
export { findGgmlType, ggmlTypes, removedGgmlTypes } from "./registry.ts";
export type { StoredField } from "./stored.ts";
export { bitsPerWeight, type DecodeBlock, type GgmlType } from "./types.ts";

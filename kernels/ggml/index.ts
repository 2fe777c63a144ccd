/** Block types of the ggml library, as GGUF files hold them. */
export { blocksToLittleEndian, decodeBlocks } from "./decode.ts";
export { findGgmlType, ggmlTypes, removedGgmlTypes } from "./registry.ts";
export { bitsPerWeight, type DecodeBlock, type GgmlType } from "./types.ts";

/**
 * GGUF version 3, little-endian (docs/gguf.md of https://github.com/ggml-org/ggml): magic, counts, metadata, an entry for
 * each tensor with its dimensions fastest first and its place, then the tensors, each at a multiple of the alignment.
 */
import { type GgmlType, ggmlTypes } from "../../kernels/ggml/index.ts";
import type { OutputFile, OutputTensor } from "./output.ts";

const ALIGNMENT = 32;
/** Ids of metadata types. */
const UINT32 = 4;
const STRING = 8;
const ARRAY = 9;

/** ggml's type of that name; results are F32, F16 and BF16 there as well. */
const ggmlTypeNamed = (name: string): GgmlType | undefined => ggmlTypes.find((type) => type.name === name);

/** A key with its type and value, as they lie in a header. */
export type MetadataPair = Uint8Array;

class Fields {
  readonly #parts: Uint8Array[] = [];
  bytes = 0;

  put(part: Uint8Array): this {
    this.#parts.push(part);
    this.bytes += part.length;
    return this;
  }
  uint32(value: number): this {
    const view = new DataView(new ArrayBuffer(4));
    view.setUint32(0, value, true);
    return this.put(new Uint8Array(view.buffer));
  }
  uint64(value: number): this {
    const view = new DataView(new ArrayBuffer(8));
    view.setBigUint64(0, BigInt(value), true);
    return this.put(new Uint8Array(view.buffer));
  }
  text(value: string): this {
    const bytes = new TextEncoder().encode(value);
    return this.uint64(bytes.length).put(bytes);
  }
  /** All of it, padded with zeros to a multiple of `alignment`. */
  joined(alignment = 1): Uint8Array<ArrayBuffer> {
    const whole = new Uint8Array(Math.ceil(this.bytes / alignment) * alignment);
    let at = 0;
    for (const part of this.#parts) {
      whole.set(part, at);
      at += part.length;
    }
    return whole;
  }
}

export const textPair = (key: string, value: string): MetadataPair =>
  new Fields().text(key).uint32(STRING).text(value).joined();
export function textListPair(key: string, values: readonly string[]): MetadataPair {
  const fields = new Fields().text(key).uint32(ARRAY).uint32(STRING).uint64(values.length);
  for (const value of values) fields.text(value);
  return fields.joined();
}
export const uint32Pair = (key: string, value: number): MetadataPair =>
  new Fields().text(key).uint32(UINT32).uint32(value).joined();

/** Tensors of one array each, whose dtype is the name of a ggml type. */
export function ggufFile(tensors: readonly OutputTensor[], metadata: readonly MetadataPair[]): OutputFile {
  const fields = new Fields();
  fields.put(new TextEncoder().encode("GGUF")).uint32(3).uint64(tensors.length).uint64(metadata.length);
  for (const pair of metadata) fields.put(pair);
  const offsets: number[] = [];
  let at = 0;
  for (const { arrays } of tensors) {
    const [{ name, dtype, shape, bytes }] = arrays;
    // A scalar is a tensor of one element.
    const dimensions = shape.length === 0 ? [1] : shape.toReversed();
    fields.text(name).uint32(dimensions.length);
    for (const size of dimensions) fields.uint64(size);
    fields.uint32(ggmlTypeNamed(dtype)!.id).uint64(at);
    offsets.push(at);
    at = Math.ceil((at + bytes) / ALIGNMENT) * ALIGNMENT;
  }
  const head = fields.joined(ALIGNMENT);
  const placed = tensors.map((tensor, i) => ({ tensor, begins: [head.length + offsets[i]] }));
  return { head, tensors: placed, bytes: head.length + at };
}

/**
 * GGUF version 3, little-endian (docs/gguf.md of https://github.com/ggml-org/ggml): magic, counts, metadata, an entry for
 * each tensor with its dimensions fastest first and its place, then the tensors, each at a multiple of the alignment.
 */
import { type GgmlType, ggmlTypes } from "../../kernels/ggml/index.ts";
import { Fields, type MetadataPair } from "./gguf-pairs.ts";
import type { OutputFile, OutputTensor } from "./output.ts";

const ALIGNMENT = 32;
/** ggml's type of that name; results are F32, F16 and BF16 there as well. */
const ggmlTypeNamed = (name: string): GgmlType | undefined => ggmlTypes.find((type) => type.name === name);

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

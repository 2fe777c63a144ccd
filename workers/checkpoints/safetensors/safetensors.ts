import type { ByteSource } from "../../bytes/byte-source.ts";
import { findDtype } from "../../tensors/decode.ts";
import { countElements } from "../../tensors/shape.ts";
import { brokenTensor, defaultView, storedTensor, type Tensor } from "../../tensors/tensor.ts";
import type { Checkpoint, CheckpointKind } from "../checkpoint.ts";
import { readHeader } from "./header.ts";

/** A single safetensors file. Opening reads its header only. */
export const safetensors: CheckpointKind = {
  kind: "safetensors",
  describe: "safetensors",
  match: ({ head }) => looksLikeSafetensors(head),
  open: ({ file, signal }) => openSafetensors(file, signal),
};

/**
 * The ninth byte opens the JSON header. The eight before it are a length, so they are not all printable: eight
 * characters of text would be a length beyond 2^56.
 */
export function looksLikeSafetensors(head: Uint8Array): boolean {
  if (head.length < 9 || head[8] !== 0x7b) return false;
  return !head.subarray(0, 8).every((byte) => (byte >= 0x20 && byte < 0x7f) || (byte >= 9 && byte <= 13));
}

export async function openSafetensors(file: ByteSource, signal?: AbortSignal): Promise<Checkpoint> {
  const { entries, metadata, notes } = await readHeader(file, signal);
  const tensors = entries.map(({ name, dtype: dtypeName, shape, begin, end, problem }): Tensor => {
    const info = {
      name,
      dtype: dtypeName,
      shape,
      elements: countElements(shape),
      view: defaultView(shape, metadata.layout),
    };
    const dtype = findDtype(dtypeName);
    if (problem || !dtype) {
      const bytes = end > begin ? { file: file.name, begin, end } : undefined;
      return brokenTensor({ ...info, ...(bytes && { bytes }) }, problem ?? `${name} cannot be decoded.`);
    }
    return storedTensor(info, { source: file, dtype, begin, littleEndian: true });
  });
  const { licence, licence_holder: holder, licence_from: from } = metadata;
  return {
    kind: "safetensors",
    tensors,
    files: [file],
    notes,
    metadata,
    ...(licence && { licence: { name: licence, holder: holder ?? "", from: from ?? "" } }),
  };
}

/**
 * safetensors (https://github.com/huggingface/safetensors): eight bytes with the length of the header, the header as
 * JSON, padded with spaces to a multiple of eight bytes, and the arrays one after the other in its order.
 */
import type { ArraySpec, OutputFile, OutputTensor } from "./output.ts";

/** Types that the format itself names. */
export const safetensorsDtypes: ReadonlySet<string> = new Set([
  ...["BOOL", "U8", "I8", "U16", "I16", "U32", "I32", "U64", "I64", "F16", "BF16", "F32", "F64"],
  ...["F4", "F6_E2M3", "F6_E3M2", "F8_E4M3", "F8_E5M2", "F8_E8M0"],
]);

export function safetensorsFile(tensors: readonly OutputTensor[], metadata: Record<string, string>): OutputFile {
  const arrays = tensors.flatMap((tensor) => tensor.arrays);
  const places = new Map<ArraySpec, number>();
  // Without a prototype, so that no name means anything.
  const header: Record<string, unknown> = Object.create(null);
  header.__metadata__ = metadata;
  let at = 0;
  // Wide elements first: readers map arrays where they lie, and nothing may stand between two of them.
  for (const array of arrays.toSorted((a, b) => width(b) - width(a))) {
    const { name, dtype, shape, bytes } = array;
    header[name] = { dtype, shape, data_offsets: [at, at + bytes] };
    places.set(array, at);
    at += bytes;
  }
  const json = new TextEncoder().encode(JSON.stringify(header));
  const start = 8 + Math.ceil(json.length / 8) * 8;
  const head = new Uint8Array(start).fill(0x20);
  new DataView(head.buffer).setBigUint64(0, BigInt(start - 8), true);
  head.set(json, 8);
  const placed = tensors.map((tensor) => ({
    tensor,
    begins: tensor.arrays.map((array) => start + places.get(array)!),
  }));
  return { head, tensors: placed, bytes: start + at };
}

const widths: Readonly<Record<string, number>> = { I64: 8, U64: 8, F64: 8, I32: 4, U32: 4, F32: 4 };
const width = ({ dtype }: ArraySpec): number => widths[dtype] ?? (/16$/.test(dtype) ? 2 : 1);

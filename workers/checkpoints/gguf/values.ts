/**
 * The whole values of a GGUF file's metadata, arrays and long texts too: what a model is made of and its tokenizer. The header's
 * own reader, which has checked every length, keeps only what people read.
 */
import type { ByteSource } from "../../bytes/byte-source.ts";
import { formatBytes } from "../../bytes/format-bytes.ts";
import { UserError } from "../../errors/user-error.ts";
import { MAX_HEADER_BYTES } from "./cursor.ts";
import type { GgufHeader } from "./header.ts";

export type GgufWhole = number | boolean | string | GgufWhole[];

/** Scalars by the id of their type: bytes, and how they are read. 64-bit integers become numbers, exact up to 2^53. */
const scalars: Readonly<Record<number, [number, (view: DataView, at: number, little: boolean) => number | boolean]>> = {
  0: [1, (view, at) => view.getUint8(at)],
  1: [1, (view, at) => view.getInt8(at)],
  2: [2, (view, at, little) => view.getUint16(at, little)],
  3: [2, (view, at, little) => view.getInt16(at, little)],
  4: [4, (view, at, little) => view.getUint32(at, little)],
  5: [4, (view, at, little) => view.getInt32(at, little)],
  6: [4, (view, at, little) => view.getFloat32(at, little)],
  7: [1, (view, at) => view.getUint8(at) !== 0],
  10: [8, (view, at, little) => Number(view.getBigUint64(at, little))],
  11: [8, (view, at, little) => Number(view.getBigInt64(at, little))],
  12: [8, (view, at, little) => view.getFloat64(at, little)],
};
const STRING = 8;
const ARRAY = 9;

/** The values of all keys that `wanted` names. Rejects with UserError, or with AbortError. */
export async function readGgufValues(
  file: ByteSource,
  { places, littleEndian }: Pick<GgufHeader, "places" | "littleEndian">,
  wanted: (key: string) => boolean,
  signal?: AbortSignal,
): Promise<Map<string, GgufWhole>> {
  const values = new Map<string, GgufWhole>();
  for (const [key, { begin, end }] of places) {
    if (!wanted(key)) continue;
    if (end - begin > MAX_HEADER_BYTES)
      throw new UserError(`${file.name}: the metadata "${key}" takes ${formatBytes(end - begin)}, more than is read.`);
    const bytes = await file.slice(begin, end, signal);
    values.set(key, valueIn(bytes, littleEndian));
  }
  return values;
}

/** A key with its type and value, as they lie in the file. */
function valueIn(bytes: Uint8Array, little: boolean): GgufWhole {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  let at = 0;
  const length = () => {
    const value = Number(view.getBigUint64(at, little));
    at += 8;
    return value;
  };
  const text = () => {
    const size = length();
    at += size;
    return decoder.decode(bytes.subarray(at - size, at));
  };
  const kind = () => {
    at += 4;
    return view.getUint32(at - 4, little);
  };
  const value = (type: number): GgufWhole => {
    if (type === STRING) return text();
    if (type === ARRAY) {
      const of = kind();
      const count = length();
      const list: GgufWhole[] = [];
      for (let i = 0; i < count; i++) list.push(value(of));
      return list;
    }
    const [size, read] = scalars[type];
    at += size;
    return read(view, at - size, little);
  };
  text();
  return value(kind());
}

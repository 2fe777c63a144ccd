/** Keys of GGUF metadata with their types and values, as they lie in a header. */

/** Ids of metadata types. */
const TYPES = { uint32: 4, int32: 5, float32: 6, bool: 7, string: 8, array: 9 } as const;

/** A key with its type and value, as they lie in a header. */
export type MetadataPair = Uint8Array;

/** Fields of a header, one after the other, little-endian. */
export class Fields {
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
  float32(value: number): this {
    const view = new DataView(new ArrayBuffer(4));
    view.setFloat32(0, value, true);
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

const keyed = (key: string, type: number): Fields => new Fields().text(key).uint32(type);

export const textPair = (key: string, value: string): MetadataPair => keyed(key, TYPES.string).text(value).joined();
export const uint32Pair = (key: string, value: number): MetadataPair => keyed(key, TYPES.uint32).uint32(value).joined();
export const float32Pair = (key: string, value: number): MetadataPair =>
  keyed(key, TYPES.float32).float32(value).joined();
export const boolPair = (key: string, value: boolean): MetadataPair =>
  keyed(key, TYPES.bool)
    .put(Uint8Array.of(value ? 1 : 0))
    .joined();

export function textListPair(key: string, values: readonly string[]): MetadataPair {
  const fields = keyed(key, TYPES.array).uint32(TYPES.string).uint64(values.length);
  for (const value of values) fields.text(value);
  return fields.joined();
}

export function numbersPair(key: string, type: "int32" | "float32", values: readonly number[]): MetadataPair {
  const bytes = new DataView(new ArrayBuffer(4 * values.length));
  for (const [i, value] of values.entries()) {
    if (type === "int32") bytes.setInt32(4 * i, value, true);
    else bytes.setFloat32(4 * i, value, true);
  }
  return keyed(key, TYPES.array).uint32(TYPES[type]).uint64(values.length).put(new Uint8Array(bytes.buffer)).joined();
}

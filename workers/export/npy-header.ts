/**
 * Writing NumPy's npy files, format version 1.0 (numpy.lib.format): magic, version, length of the header, and the
 * header as a Python literal padded with spaces to a multiple of 64 bytes. Always little endian and C order.
 */
export type NpyType = "<f4" | "|u1" | "<u2" | "<u4";

export function npyHeader(type: NpyType | "<f2" | "<f8" | "<i8", shape: readonly number[]): Uint8Array<ArrayBuffer> {
  const tuple = shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(", ")})`;
  const text = `{'descr': '${type}', 'fortran_order': False, 'shape': ${tuple}, }`;
  const fixed = 10;
  const length = Math.ceil((fixed + text.length + 1) / 64) * 64;
  const bytes = new Uint8Array(length).fill(0x20);
  bytes.set([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0]);
  new DataView(bytes.buffer).setUint16(8, length - fixed, true);
  for (let i = 0; i < text.length; i++) bytes[fixed + i] = text.charCodeAt(i);
  bytes[length - 1] = 0x0a;
  return bytes;
}

/** The elements' bytes, little endian. Codes are narrowed to the type; the caller knows that they fit. */
export function npyBytes(type: NpyType, values: Float32Array | Uint32Array): Uint8Array<ArrayBuffer> {
  if (type === "|u1") return Uint8Array.from(values);
  const width = type === "<u2" ? 2 : 4;
  const view = new DataView(new ArrayBuffer(values.length * width));
  for (let i = 0; i < values.length; i++) {
    if (type === "<f4") view.setFloat32(4 * i, values[i], true);
    else if (type === "<u4") view.setUint32(4 * i, values[i], true);
    else view.setUint16(2 * i, values[i], true);
  }
  return new Uint8Array(view.buffer);
}

/** The narrowest unsigned type for codes of so many bits. */
export function codeType(bits: number): NpyType {
  if (bits <= 8) return "|u1";
  return bits <= 16 ? "<u2" : "<u4";
}

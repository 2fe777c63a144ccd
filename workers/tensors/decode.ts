/**
 * From a file's bytes to float32. Storage types are data: a name, a width and how its codes become values.
 * Wider types are rounded to nearest, ties to even, and the rounding is counted so that the reader can be told.
 *
 * Typed arrays have the byte order of the machine; every engine in use is little-endian, and so are the files.
 */
import { codeTable } from "../../kernels/formats/index.ts";

/** What happened to values that float32 does not hold. */
export interface Rounded {
  /** Values that changed. */
  inexact: number;
  /** Finite values that became infinite. */
  overflow: number;
}

export interface Dtype {
  /** As safetensors spells it. */
  name: string;
  bits: number;
  describe: string;
  /** The notation's name of the format whose codes they are, where it is looked up. */
  format?: string;
  /**
   * Decodes `out.length` elements. `bytes` is little-endian and aligned to the element's width; `bitOffset` (below 8) is
   * where the first element starts, and is non-zero only for types below a byte.
   */
  decode(bytes: Uint8Array, bitOffset: number, out: Float32Array): Rounded | null;
}

type TypedArray = { readonly length: number; [index: number]: number };
type ViewOf = new (buffer: ArrayBufferLike, byteOffset: number, length: number) => TypedArray;

function view(View: ViewOf, bytes: Uint8Array, count: number): TypedArray {
  return new View(bytes.buffer, bytes.byteOffset, count);
}

/** Types whose every value is a float32. */
const exact = (View: ViewOf) => (bytes: Uint8Array, _: number, out: Float32Array) => {
  out.set(view(View, bytes, out.length) as ArrayLike<number>);
  return null;
};

/** Types held exactly by float64 but not by float32. */
const rounding = (View: ViewOf) => (bytes: Uint8Array, _: number, out: Float32Array) => {
  const values = view(View, bytes, out.length);
  const rounded = { inexact: 0, overflow: 0 };
  for (let i = 0; i < out.length; i++) {
    const value = values[i];
    out[i] = value;
    const stored = out[i];
    if (stored === value || Number.isNaN(value)) continue;
    rounded.inexact++;
    if (!Number.isFinite(stored)) rounded.overflow++;
  }
  return rounded;
};

/**
 * 64-bit integers. Two roundings (to float64, then to float32) could differ from one, so the low bits beyond float64's
 * 53 are first jammed into the last bit kept (round to odd), after which the second rounding is the only one.
 */
const int64 = (High: ViewOf) => (bytes: Uint8Array, _: number, out: Float32Array) => {
  const high = view(High, bytes, 2 * out.length);
  const low = view(Uint32Array, bytes, 2 * out.length);
  const rounded = { inexact: 0, overflow: 0 };
  for (let i = 0; i < out.length; i++) {
    const h = high[2 * i + 1];
    let l = low[2 * i];
    if (h >= 2 ** 20 || h < -(2 ** 20)) l = ((l & ~0x7ff) | ((l & 0x7ff) !== 0 ? 0x800 : 0)) >>> 0;
    const value = h * 2 ** 32 + l;
    out[i] = value;
    if (out[i] !== value) rounded.inexact++;
  }
  return rounded;
};

/** Codes of a format of the notation, packed from the lowest bit of each byte up. */
const codes = (format: string, width: number): Dtype["decode"] => {
  let table: Float32Array | null = null;
  return (bytes, bitOffset, out) => {
    table ??= codeTable(format);
    if (width === 8) for (let i = 0; i < out.length; i++) out[i] = table[bytes[i]];
    else if (width === 16) {
      const words = view(Uint16Array, bytes, out.length);
      for (let i = 0; i < out.length; i++) out[i] = table[words[i]];
    } else {
      const mask = (1 << width) - 1;
      for (let i = 0, bit = bitOffset; i < out.length; i++, bit += width) {
        const byte = Math.floor(bit / 8);
        const pair = bytes[byte] | ((bytes[byte + 1] ?? 0) << 8);
        out[i] = table[(pair >>> (bit % 8)) & mask];
      }
    }
    return null;
  };
};

/** A storage type whose codes are those of a format. */
const coded = (name: string, bits: number, format: string, describe: string): Dtype => ({
  ...{ name, bits, describe, format },
  decode: codes(format, bits),
});

/** bfloat16 is the upper half of a float32, NaN payloads included. */
function bfloat16(bytes: Uint8Array, _: number, out: Float32Array) {
  const codes = view(Uint16Array, bytes, out.length);
  const bits = new Uint32Array(out.buffer, out.byteOffset, out.length);
  for (let i = 0; i < out.length; i++) bits[i] = codes[i] << 16;
  return null;
}

function bool(bytes: Uint8Array, _: number, out: Float32Array) {
  for (let i = 0; i < out.length; i++) out[i] = bytes[i] === 0 ? 0 : 1;
  return null;
}

/** Every type that can be opened. */
export const dtypes: readonly Dtype[] = [
  { name: "BOOL", bits: 8, describe: "boolean, one a byte", decode: bool },
  coded("U2", 2, "uint2", "unsigned 2-bit integer, four a byte, lowest bits first"),
  coded("I2", 2, "int2", "2-bit integer, four a byte, lowest bits first"),
  coded("U4", 4, "uint4", "unsigned 4-bit integer, two a byte, low nibble first"),
  coded("I4", 4, "int4", "4-bit integer, two a byte, low nibble first"),
  coded("F4", 4, "e2m1", "OCP FP4 E2M1, two a byte, low nibble first"),
  coded("F6_E2M3", 6, "e2m3", "OCP FP6 E2M3, packed"),
  coded("F6_E3M2", 6, "e3m2", "OCP FP6 E3M2, packed"),
  coded("F8_E4M3", 8, "e4m3", "OCP FP8 E4M3"),
  coded("F8_E5M2", 8, "e5m2", "OCP FP8 E5M2"),
  coded("F8_E8M0", 8, "e8m0", "OCP scale, powers of two"),
  coded("F8_E4M3FNUZ", 8, "e4m3fnuz", "FP8 E4M3 FNUZ"),
  coded("F8_E5M2FNUZ", 8, "e5m2fnuz", "FP8 E5M2 FNUZ"),
  coded("F8_E4M3B11FNUZ", 8, "e4m3b11fnuz", "FP8 E4M3 FNUZ with bias 11"),
  { name: "U8", bits: 8, describe: "unsigned 8-bit integer", decode: exact(Uint8Array) },
  { name: "I8", bits: 8, describe: "8-bit integer", decode: exact(Int8Array) },
  { name: "U16", bits: 16, describe: "unsigned 16-bit integer", decode: exact(Uint16Array) },
  { name: "I16", bits: 16, describe: "16-bit integer", decode: exact(Int16Array) },
  coded("F16", 16, "f16", "IEEE half precision"),
  { name: "BF16", bits: 16, describe: "bfloat16", decode: bfloat16 },
  { name: "U32", bits: 32, describe: "unsigned 32-bit integer", decode: rounding(Uint32Array) },
  { name: "I32", bits: 32, describe: "32-bit integer", decode: rounding(Int32Array) },
  { name: "F32", bits: 32, describe: "IEEE single precision", decode: exact(Float32Array) },
  { name: "U64", bits: 64, describe: "unsigned 64-bit integer", decode: int64(Uint32Array) },
  { name: "I64", bits: 64, describe: "64-bit integer", decode: int64(Int32Array) },
  { name: "F64", bits: 64, describe: "IEEE double precision", decode: rounding(Float64Array) },
];

const byName = new Map(dtypes.map((dtype) => [dtype.name, dtype]));

/** The storage type of that name, or undefined. */
export function findDtype(name: string): Dtype | undefined {
  return byName.get(name);
}

/** Bytes that `elements` of a type take; the last byte may be partly used. */
export function bytesOf(dtype: Dtype, elements: number): number {
  // Split so that the product stays exact for every element count whose bytes are a safe integer.
  return Math.floor(elements / 8) * dtype.bits + Math.ceil(((elements % 8) * dtype.bits) / 8);
}

/**
 * Elements [first, first + out.length) of bytes that begin with the byte holding element `first`.
 * `bytes` may be modified (big-endian data are turned around in place).
 */
export function decodeInto(
  dtype: Dtype,
  bytes: Uint8Array,
  first: number,
  littleEndian: boolean,
  out: Float32Array,
): Rounded | null {
  const width = dtype.bits / 8;
  let aligned = bytes;
  if (width > 1 && bytes.byteOffset % width !== 0) aligned = bytes.slice();
  if (width > 1 && !littleEndian) reverseEach(aligned, width);
  return dtype.decode(aligned, ((first % 8) * dtype.bits) % 8, out);
}

function reverseEach(bytes: Uint8Array, width: number): void {
  for (let i = 0; i + width <= bytes.length; i += width) bytes.subarray(i, i + width).reverse();
}

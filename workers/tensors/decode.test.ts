import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import golden from "./decode.golden.json" with { type: "json" };
import { bytesOf, type Dtype, decodeInto, dtypes, findDtype } from "./decode.ts";

const dtype = (name: string) => findDtype(name) as Dtype;

function decode(name: string, bytes: Uint8Array, count: number, first = 0, littleEndian = true) {
  const out = new Float32Array(count);
  const rounded = decodeInto(dtype(name), bytes, first, littleEndian, out);
  return { out, rounded };
}

/** Float32 bits with one NaN for all. */
const bitsOf = (values: Float32Array) =>
  new Uint32Array(values.buffer).map((bits, i) => (Number.isNaN(values[i]) ? 0x7fc00000 : bits));
const hex = (bits: Uint32Array) => [...bits].map((b) => b.toString(16).padStart(8, "0"));

/** Codes packed from the lowest bit of each byte up. */
function pack(codes: number[], width: number): Uint8Array {
  const bytes = new Uint8Array(Math.ceil((codes.length * width) / 8));
  codes.forEach((code, i) => {
    for (let b = 0; b < width; b++) {
      const bit = i * width + b;
      if ((code >> b) & 1) bytes[bit >> 3] |= 1 << (bit & 7);
    }
  });
  return bytes;
}

describe("every code decodes as ml_dtypes and numpy decode it", () => {
  test.each(Object.entries(golden.codes))("%s", (name, expected) => {
    const codes = expected.map((_, code) => code);
    const { out, rounded } = decode(name, pack(codes, dtype(name).bits), codes.length);
    expect(hex(bitsOf(out))).toEqual(expected);
    expect(rounded).toBeNull();
  });
  test.each(Object.entries(golden.sha256))("%s", (name, expected) => {
    const codes = Uint16Array.from({ length: 65536 }, (_, code) => code);
    const { out } = decode(name, new Uint8Array(codes.buffer), codes.length);
    expect(createHash("sha256").update(bitsOf(out)).digest("hex")).toBe(expected);
  });
});

test("FP4 is two a byte with the low nibble first", () => {
  expect([...decode("F4", Uint8Array.of(0x72, 0x9f), 4).out]).toEqual([1, 6, -6, -0.5]);
});

test("a 6-bit element may begin anywhere in a byte", () => {
  const codes = [1, 2, 3, 4, 5, 6, 7, 8, 9];
  const bytes = pack(codes, 6);
  const whole = decode("F6_E2M3", bytes, 9).out;
  for (let first = 0; first < 9; first++) {
    const from = bytes.subarray(Math.floor((first * 6) / 8));
    expect(decode("F6_E2M3", from, 9 - first, first).out).toEqual(whole.subarray(first));
  }
});

describe("integers and booleans", () => {
  test("small integers are exact", () => {
    expect([...decode("I8", Uint8Array.of(0, 127, 128, 255), 4).out]).toEqual([0, 127, -128, -1]);
    expect([...decode("U8", Uint8Array.of(0, 127, 128, 255), 4).out]).toEqual([0, 127, 128, 255]);
    expect([...decode("BOOL", Uint8Array.of(0, 1, 2), 3).out]).toEqual([0, 1, 1]);
    expect([...decode("I16", Uint8Array.of(0xff, 0x7f, 0, 0x80), 2).out]).toEqual([32767, -32768]);
    expect([...decode("U16", Uint8Array.of(0xff, 0x7f, 0, 0x80), 2).out]).toEqual([32767, 32768]);
  });
  test("big-endian bytes are turned around", () => {
    expect([...decode("I16", Uint8Array.of(0x7f, 0xff, 0x80, 0), 2, 0, false).out]).toEqual([32767, -32768]);
    expect([...decode("F32", Uint8Array.of(0x3f, 0x80, 0, 0), 1, 0, false).out]).toEqual([1]);
  });
  test("misaligned bytes are read all the same", () => {
    const bytes = new Uint8Array(9);
    new DataView(bytes.buffer).setFloat32(1, 1.5, true);
    new DataView(bytes.buffer).setFloat32(5, -2, true);
    expect([...decode("F32", bytes.subarray(1), 2).out]).toEqual([1.5, -2]);
  });
});

/** Nearest float32 to an integer, ties to even, from exact integer arithmetic alone. */
function nearestFloat(value: bigint): number {
  const magnitude = value < 0n ? -value : value;
  const shift = BigInt(Math.max(0, magnitude.toString(2).length - 24));
  let kept = magnitude >> shift;
  const rest = magnitude - (kept << shift);
  const half = shift > 0n ? 1n << (shift - 1n) : 1n;
  if (rest > half || (rest === half && shift > 0n && (kept & 1n) === 1n)) kept += 1n;
  const result = Number(kept) * 2 ** Number(shift);
  return value < 0n ? -result : result;
}

describe("wider types are rounded once, to nearest even, and counted", () => {
  const wide = [
    ["I32", 32, true],
    ["U32", 32, false],
    ["I64", 64, true],
    ["U64", 64, false],
  ] as const;
  test.each(wide)("%s", (name, width, signed) => {
    const bits = fc.bigInt({ min: 0n, max: (1n << BigInt(width)) - 1n });
    // Near-ties of float32 with a far-away last bit, where rounding twice goes wrong.
    const ties = fc
      .tuple(
        fc.integer({ min: 2 ** 23, max: 2 ** 24 - 1 }),
        fc.integer({ min: 1, max: width - 24 }),
        fc.integer({ min: -1, max: 1 }),
      )
      .map(([m, shift, off]) =>
        BigInt.asUintN(width, (BigInt(m) << BigInt(shift)) + (1n << BigInt(shift - 1)) + BigInt(off)),
      );
    fc.assert(
      fc.property(fc.oneof(bits, ties), (pattern) => {
        const bytes = new Uint8Array(8);
        new DataView(bytes.buffer).setBigUint64(0, pattern, true);
        const value = signed ? BigInt.asIntN(width, pattern) : pattern;
        const { out, rounded } = decode(name, bytes.slice(0, width / 8), 1);
        expect(out[0]).toBe(nearestFloat(value));
        expect(rounded?.inexact).toBe(BigInt(out[0]) === value ? 0 : 1);
      }),
      { numRuns: 3000 },
    );
  });
  test("F64", () => {
    const values = Float64Array.of(1, 1 + 2 ** -24, 1 + 2 ** -23 + 2 ** -24, 0.1, 1e300, -1e300, NaN, Infinity, 1e-50);
    const { out, rounded } = decode("F64", new Uint8Array(values.buffer), values.length);
    expect([...out]).toEqual([1, 1, 1 + 2 ** -22, Math.fround(0.1), Infinity, -Infinity, NaN, Infinity, 0]);
    expect(rounded).toEqual({ inexact: 6, overflow: 2 });
  });
});

test("bytes of an element count, whole bytes for whole tensors", () => {
  expect(bytesOf(dtype("F4"), 3)).toBe(2);
  expect(bytesOf(dtype("F6_E2M3"), 4)).toBe(3);
  expect(bytesOf(dtype("F6_E2M3"), 5)).toBe(4);
  expect(bytesOf(dtype("F64"), 2 ** 49)).toBe(2 ** 52);
});

test("names are unique", () => {
  expect(new Set(dtypes.map((d) => d.name)).size).toBe(dtypes.length);
});

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { floatBits } from "../exact/bits.ts";
import { buildFormat } from "../formats/build.ts";
import { decode } from "../formats/codes.ts";
import type { CodedFormat } from "../formats/types.ts";
import { halfValue } from "./fields.ts";
import { halfBits, nearestInt } from "./float.ts";
import { blockCodecs, canEncode, decodeBlocks, encodeBlocks, ggmlTypes } from "./index.ts";
import { hostile } from "./values-for-test.ts";

const type = (name: string) => ggmlTypes.find((t) => t.name === name)!;

describe("halves", () => {
  test("every half that is a number comes back", () => {
    for (let bits = 0; bits < 65536; bits++) {
      const value = halfValue(bits);
      expect(Number.isNaN(value) ? 0 : halfBits(value)).toBe(Number.isNaN(value) ? 0 : bits);
    }
  });
  test("between two halves the nearer is taken, ties to even", () => {
    for (let bits = 0; bits < 0x7bff; bits += 7) {
      const [below, above] = [halfValue(bits), halfValue(bits + 1)];
      const middle = (below + above) / 2;
      expect(halfBits(middle)).toBe(bits + (bits & 1));
      expect(halfBits(middle * (1 - 2 ** -23))).toBe(bits);
      expect(halfBits(-middle * (1 + 2 ** -23))).toBe(0x8000 + bits + 1);
    }
    expect([halfBits(65519), halfBits(65520), halfBits(-Infinity), halfBits(2 ** -25)]).toEqual([
      0x7bff, 0x7c00, 0xfc00, 0,
    ]);
    expect(halfBits(Number.NaN)).toBe(0x7e00);
  });
});

test("integers are the nearest, ties to even, and the low bits beyond the range", () => {
  expect([0.5, 1.5, 2.5, -0.5, -1.5, 4194303].map((x) => nearestInt(x) + 0)).toEqual([0, 2, 2, 0, -2, 4194303]);
  for (const x of [Infinity, -Infinity, Number.NaN, 1e9, -1e9, 4194304]) {
    expect(nearestInt(x)).toBe((floatBits(Math.fround(x + 12582912)) & 0x7fffff) - 0x400000);
  }
});

describe.each(blockCodecs.map((c) => [c.name, c] as const))("%s", (_, codec) => {
  const { type, layout, scales, offsets, offsetSign } = codec;
  const levelOf = (code: number) =>
    typeof codec.levels === "string"
      ? decode(buildFormat({ name: codec.levels, args: [] }) as CodedFormat, code)
      : codec.levels[code];
  const most = typeof codec.levels === "string" ? 2 ** codec.codeBits : codec.levels.length;

  test("codes come back as they were packed", () => {
    const codesOf = fc.array(fc.integer({ min: 0, max: most - 1 }), {
      minLength: type.elements,
      maxLength: type.elements,
    });
    fc.assert(
      fc.property(codesOf, (list) => {
        const bytes = new Uint8Array(type.bytes);
        layout.pack(Uint8Array.from(list), bytes, 0);
        const codes = new Uint32Array(type.elements + 1);
        layout.unpack(bytes, 0, codes, 1);
        expect([...codes.subarray(1)]).toEqual(list);
      }),
      { numRuns: 20 },
    );
  });

  test("what ggml decodes is scale * level + offset of the fields and codes found in the block", () => {
    const x = hostile(2048, 99);
    const bytes = new Uint8Array((x.length / type.elements) * type.bytes);
    encodeBlocks(type, x, bytes);
    const decoded = new Float32Array(x.length);
    decodeBlocks(type, bytes, decoded);
    const codes = new Uint32Array(type.elements);
    const product = (fields: typeof scales, at: number, j: number) =>
      fields.reduce((p, f) => p * f.value(f.code(bytes, at, Math.floor(j / f.per))), 1);
    for (let b = 0; b < x.length / type.elements; b++) {
      layout.unpack(bytes, b * type.bytes, codes, 0);
      for (let j = 0; j < type.elements; j++) {
        const offset = offsets.length > 0 ? offsetSign * product(offsets, b * type.bytes, j) : 0;
        const value = Math.fround(product(scales, b * type.bytes, j) * levelOf(codes[j]) + offset);
        expect(value === decoded[b * type.elements + j] || Number.isNaN(value)).toBe(true);
      }
    }
  });

  test("what the fields leave has room for the codes", () => {
    expect(codec.codeBits).toBeGreaterThanOrEqual(Math.log2(most));
    expect(codec.codeBits).toBeLessThan(Math.log2(most) + 0.5);
  });
});

test("only whole blocks of finite values are encoded", () => {
  const q8 = type("Q8_0");
  expect(() => encodeBlocks(q8, new Float32Array(33), new Uint8Array(34))).toThrow("34 bytes of Q8_0 for 33 elements");
  expect(() => encodeBlocks(q8, new Float32Array(32), new Uint8Array(33))).toThrow("33 bytes of Q8_0 for 32 elements");
  expect(() => encodeBlocks(type("IQ2_XS"), new Float32Array(256), new Uint8Array(74))).toThrow(
    "IQ2_XS blocks are not written here",
  );
  const broken = new Float32Array(32);
  broken[5] = Number.NaN;
  expect(() => encodeBlocks(q8, broken, new Uint8Array(34))).toThrow("value 5 is NaN: Q8_0 holds finite values only");
  expect([canEncode(q8), canEncode(type("IQ2_XS"))]).toEqual([true, false]);
});

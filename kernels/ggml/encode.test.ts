import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { floatBits } from "../exact/bits.ts";
import { decode } from "../formats/codes.ts";
import { buildFormat } from "../formats/registry.ts";
import type { CodedFormat } from "../formats/types.ts";
import { halfValue } from "./fields.ts";
import { halfBits, nearestInt } from "./float.ts";
import { blockCodecs, canEncode, codecNamed, decodeBlocks, encodeBlocks, ggmlTypes } from "./index.ts";
import { hostile, moderate } from "./values-for-test.ts";

const type = (name: string) => ggmlTypes.find((t) => t.name === name)!;

describe("halves", () => {
  test("every half that is a number comes back", () => {
    for (let bits = 0; bits < 65536; bits++) {
      const value = halfValue(bits);
      expect(halfBits(value)).toBe(Number.isNaN(value) ? 0xfe00 : bits);
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
    expect([halfBits(Number.NaN), halfBits(-Number.NaN)]).toEqual([0xfe00, 0xfe00]);
  });
});

test("integers are the nearest, ties to even, and the low bits beyond the range", () => {
  expect([0.5, 1.5, 2.5, -0.5, -1.5, 4194303].map((x) => nearestInt(x) + 0)).toEqual([0, 2, 2, 0, -2, 4194303]);
  for (const x of [Infinity, -Infinity, Number.NaN, 1e9, -1e9, 4194304]) {
    expect(nearestInt(x)).toBe((floatBits(Math.fround(x + 12582912)) & 0x7fffff) - 0x400000);
  }
});

/** What stands for several elements at once: points of a grid with signs, or with directions. */
const grids: Record<string, { points: number; per: number }> = {
  iq1_s: { points: 2048 ** 4 * 2, per: 32 },
  iq1_m: { points: 2048 * 2, per: 8 },
  iq2_xxs: { points: 256 * 2 ** 7, per: 8 },
  iq2_xs: { points: 512 * 2 ** 7, per: 8 },
  iq2_s: { points: 1024 * 2 ** 8, per: 8 },
  iq3_xxs: { points: 256 ** 2 * 2 ** 7, per: 8 },
  iq3_s: { points: 512 ** 2 * 2 ** 8, per: 8 },
};

describe.each(blockCodecs.map((c) => [c.name, c] as const))("%s", (_, codec) => {
  const { type, layout, scales, offsets, offsetSign } = codec;
  const levelOf = (code: number) =>
    typeof codec.levels === "string"
      ? decode(buildFormat({ name: codec.levels, args: [] }) as CodedFormat, code)
      : codec.levels[code];
  const most = typeof codec.levels === "string" ? 2 ** codec.codeBits : codec.levels.length;

  beforeAll(() => codec.load?.());

  test.skipIf(!layout.pack)("codes come back as they were packed", () => {
    const codesOf = fc.array(fc.integer({ min: 0, max: most - 1 }), {
      minLength: type.elements,
      maxLength: type.elements,
    });
    fc.assert(
      fc.property(codesOf, (list) => {
        const bytes = new Uint8Array(type.bytes);
        layout.pack!(Uint8Array.from(list), bytes, 0);
        const codes = new Uint32Array(type.elements + 1);
        layout.unpack(bytes, 0, codes, 1);
        expect([...codes.subarray(1)]).toEqual(list);
      }),
      { numRuns: 20 },
    );
  });

  test("what ggml decodes is scale * level + offset of the fields and codes found in the block", () => {
    const x = layout.pack ? hostile(2048, 99) : moderate(2048, 99);
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
    const { points, per } = grids[codec.name] ?? { points: most, per: 1 };
    expect(codec.codeBits).toBeGreaterThanOrEqual(Math.log2(points) / per);
    expect(codec.codeBits).toBeLessThan(Math.log2(points) / per + 0.5);
  });
});

test("only whole blocks of finite values are encoded", () => {
  const q8 = type("Q8_0");
  expect(() => encodeBlocks(q8, new Float32Array(33), new Uint8Array(34))).toThrow("34 bytes of Q8_0 for 33 elements");
  expect(() => encodeBlocks(q8, new Float32Array(32), new Uint8Array(33))).toThrow("33 bytes of Q8_0 for 32 elements");
  expect(() => encodeBlocks(type("Q8_1"), new Float32Array(32), new Uint8Array(36))).toThrow(
    "Q8_1 blocks are not written here",
  );
  const broken = new Float32Array(32);
  broken[5] = Number.NaN;
  expect(() => encodeBlocks(q8, broken, new Uint8Array(34))).toThrow("value 5 is NaN: Q8_0 holds finite values only");
  expect([canEncode(q8), canEncode(type("Q8_1"))]).toEqual([true, false]);
});

test("weights are of whole rows, whose squares the simple types share", () => {
  const q4 = type("Q4_0");
  const x = Float32Array.from({ length: 128 }, (_, i) => (i < 32 ? i : 1000 * i));
  const bytes = new Uint8Array(72);
  encodeBlocks(q4, x, bytes, new Float32Array(64).fill(1));
  const alone = new Uint8Array(18);
  encodeBlocks(q4, x.subarray(0, 32), alone, new Float32Array(32).fill(1));
  expect(bytes.subarray(0, 18)).not.toEqual(alone);
  expect(() => encodeBlocks(q4, x, bytes, new Float32Array(33))).toThrow("72 bytes of Q4_0 for 128 elements");
  expect(() => encodeBlocks(q4, x, bytes, new Float32Array(96))).toThrow("72 bytes of Q4_0 for 128 elements");
});

test("a block that says nothing of its values holds zeros, and of huge ones ggml's own stop is told", async () => {
  const iq2 = codecNamed("iq2_s")!;
  await iq2.load!();
  const bytes = new Uint8Array(82);
  encodeBlocks(iq2.type, new Float32Array(256), bytes);
  expect(bytes.every((byte) => byte === 0)).toBe(true);
  const huge = Float32Array.from({ length: 256 }, (_, i) => (i % 7) * 1e30);
  expect(() => encodeBlocks(iq2.type, huge, bytes)).toThrow(
    "some values, or their weights, are so large that their squares leave float32: ggml stops there",
  );
});

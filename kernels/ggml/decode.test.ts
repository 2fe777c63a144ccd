import { describe, expect, test } from "vitest";
import { bitsPerWeight, blocksToLittleEndian, decodeBlocks, findGgmlType, type GgmlType, ggmlTypes } from "./index.ts";
import { minOf, scaleOf } from "./k-quants.ts";

const type = (name: string) => ggmlTypes.find((t) => t.name === name) as GgmlType;

function decode(name: string, bytes: Uint8Array): number[] {
  const { elements, bytes: size } = type(name);
  const out = new Float32Array((bytes.length / size) * elements);
  decodeBlocks(type(name), bytes, out);
  return [...out];
}

test("a block of Q8_1 is its scale times its codes; the sum beside them is not needed", () => {
  const codes = Array.from({ length: 32 }, (_, j) => [0, 1, 127, 128, 255][j % 5]);
  // 0x3400 is 0.25; 0x7c00, where the sum stands, is infinite.
  const values = decode("Q8_1", Uint8Array.of(0x00, 0x34, 0x00, 0x7c, ...codes));
  expect(values.slice(0, 5)).toEqual([0, 0.25, 31.75, -32, -0.25]);
  expect(values).toHaveLength(32);
});

test("nibbles of Q4_0 are half a block apart", () => {
  const values = decode("Q4_0", Uint8Array.of(0x00, 0x3c, 0xf0, ...new Array<number>(15).fill(0x88)));
  expect([values[0], values[16], values[1], values[17]]).toEqual([-8, 7, 0, 0]);
});

test("6-bit scales and minima in 12 bytes come back as they were packed", () => {
  const scales = [1, 2, 61, 63, 17, 42, 33, 5];
  const mins = [63, 0, 9, 48, 31, 60, 2, 55];
  const bytes = new Uint8Array(12);
  for (let j = 0; j < 4; j++) {
    bytes[j] = scales[j] | ((scales[j + 4] >> 4) << 6);
    bytes[j + 4] = mins[j] | ((mins[j + 4] >> 4) << 6);
    bytes[j + 8] = (scales[j + 4] & 15) | ((mins[j + 4] & 15) << 4);
  }
  expect(scales.map((_, j) => scaleOf(bytes, 0, j))).toEqual(scales);
  expect(mins.map((_, j) => minOf(bytes, 0, j))).toEqual(mins);
});

describe("byte order", () => {
  test("fields of big-endian blocks are turned around, codes stay", () => {
    const blocks = Uint8Array.from({ length: 2 * 144 }, (_, i) => i & 255);
    blocksToLittleEndian(type("Q4_K"), blocks);
    expect([...blocks.subarray(0, 6)]).toEqual([1, 0, 3, 2, 4, 5]);
    expect([...blocks.subarray(144, 150)]).toEqual([145, 144, 147, 146, 148, 149]);
  });
  test("blocks without a defined big-endian form are refused", () => {
    expect(() => blocksToLittleEndian(type("IQ2_XXS"), new Uint8Array(66))).toThrow("IQ2_XXS has no big-endian form");
  });
});

test("only whole blocks are decoded", () => {
  const q8 = type("Q8_0");
  expect(() => decodeBlocks(q8, new Uint8Array(34), new Float32Array(31))).toThrow("34 bytes of Q8_0 for 31 elements");
  expect(() => decodeBlocks(q8, new Uint8Array(33), new Float32Array(32))).toThrow("33 bytes of Q8_0 for 32 elements");
  expect(() => decodeBlocks(type("F32"), new Uint8Array(4), new Float32Array(1))).toThrow("F32 has no blocks");
});

test("types are found by id, and ids and names are unique", () => {
  for (const known of ggmlTypes) expect(findGgmlType(known.id)).toBe(known);
  expect(findGgmlType(4)).toBeUndefined();
  expect(new Set(ggmlTypes.map((t) => t.name)).size).toBe(ggmlTypes.length);
});

test.each([
  ["Q4_K", 4.5],
  ["Q6_K", 6.5625],
  ["IQ1_S", 1.5625],
  ["MXFP4", 4.25],
  ["Q1_0", 1.125],
  ["F16", 16],
])("%s takes %d bits a weight", (name, bits) => {
  expect(bitsPerWeight(type(name))).toBe(bits);
});

import fc from "fast-check";
import { expect, test } from "vitest";
import { memorySource } from "../../bytes/byte-source.ts";
import { findDtype } from "../../tensors/decode.ts";
import { floats } from "../bytes-for-test.ts";
import { decodeLong, parseInteger } from "./literals.ts";
import { spanOf, stridedTensor } from "./strided.ts";

const dimension = fc.record({ size: fc.integer({ min: 0, max: 5 }), stride: fc.integer({ min: 0, max: 7 }) });

test("any layout and range gives the elements that offset and strides name", async () => {
  const layouts = fc.record({ offset: fc.nat(9), dimensions: fc.array(dimension, { maxLength: 4 }) });
  await fc.assert(
    fc.asyncProperty(layouts, fc.nat(), fc.nat(), async ({ offset, dimensions }, a, b) => {
      const layout = { offset, shape: dimensions.map((d) => d.size), stride: dimensions.map((d) => d.stride) };
      const elements = layout.shape.reduce((product, size) => product * size, 1);
      const stored = Array.from({ length: offset + spanOf(layout) }, (_, i) => i);
      const info = { name: "t", dtype: "F32", shape: layout.shape, elements, view: { split: 0, transpose: false } };
      const placement = { dtype: findDtype("F32")!, begin: 4, littleEndian: true };
      const source = memorySource("f", Uint8Array.of(9, 9, 9, 9, ...floats(...stored)));
      const { read } = stridedTensor(info, { ...placement, source }, layout);
      const [first, last] = [a % (elements + 1), b % (elements + 1)].sort((x, y) => x - y);
      const expected = Array.from({ length: last - first }, (_, i) => {
        let rest = first + i;
        let at = offset;
        for (const { size, stride } of dimensions.toReversed()) {
          at += (rest % size) * stride;
          rest = Math.floor(rest / size);
        }
        return at;
      });
      expect([...(await read(first, last))]).toEqual(expected);
    }),
    { numRuns: 300 },
  );
});

test("integers of any length are read as Python writes them", () => {
  fc.assert(
    fc.property(fc.bigInt({ min: -(2n ** 200n), max: 2n ** 200n }), (value) => {
      const bytes = Uint8Array.from({ length: 26 }, (_, i) => Number((value >> BigInt(8 * i)) & 255n));
      expect(BigInt(decodeLong(bytes))).toBe(value);
      expect(BigInt(parseInteger(String(value)))).toBe(value);
    }),
  );
  expect(decodeLong(new Uint8Array())).toBe(0);
  expect(typeof decodeLong(Uint8Array.of(255, 255, 255, 255, 255, 255, 31))).toBe("number");
});

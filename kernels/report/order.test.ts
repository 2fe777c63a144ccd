import fc from "fast-check";
import { expect, it } from "vitest";
import { spreadOf } from "./order.ts";

it("is what sorting gives, over any bits", () => {
  const close = fc.integer({ min: 0x3f800000, max: 0x3f800010 });
  const bits = fc.oneof(close, fc.integer({ min: 0, max: 0xffffffff }), fc.constantFrom(0, 0x80000000, 0x7fc00000));
  fc.assert(
    fc.property(fc.array(bits, { maxLength: 60 }), (words) => {
      const values = new Float32Array(Uint32Array.from(words).buffer);
      const sorted = values.filter((v) => v - v === 0).sort();
      const [min, median, max] = [0, sorted.length >> 1, sorted.length - 1].map((k) => sorted[k] ?? Number.NaN);
      expect(spreadOf(values)).toEqual({ min, median, max });
    }),
  );
});

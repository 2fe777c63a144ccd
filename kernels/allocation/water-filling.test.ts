import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { waterFilling } from "./water-filling.ts";

const variances = fc.array(fc.double({ min: 1e-6, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 12 });
const meanOf = (x: Float64Array) => x.reduce((a, b) => a + b, 0) / x.length;
const left = (v: number[], bits: Float64Array) => v.reduce((sum, own, i) => sum + own * 4 ** -bits[i], 0);

describe("water-filling", () => {
  it("without bounds is the mean and half the logarithm over the geometric mean", () =>
    fc.assert(
      fc.property(variances, fc.double({ min: 12, max: 30, noNaN: true }), (v, mean) => {
        const log = meanOf(Float64Array.from(v, Math.log2));
        const bits = waterFilling(v, mean, { least: Number.NEGATIVE_INFINITY });
        for (const [i, own] of v.entries()) expect(bits[i]).toBeCloseTo(mean + (Math.log2(own) - log) / 2, 8);
      }),
    ));

  it("has its mean, keeps to its bounds, and leaves no more than any other bits of that mean", () =>
    fc.assert(
      fc.property(variances, fc.double({ min: 1, max: 8, noNaN: true }), fc.nat(11), fc.nat(11), (v, mean, a, b) => {
        const bits = waterFilling(v, mean, { least: 1, most: 8 });
        expect(meanOf(bits)).toBeCloseTo(mean, 9);
        for (const own of bits) expect(own >= 1 && own <= 8).toBe(true);
        // A little from one channel to another, where the bounds allow it.
        const [i, j] = [a % v.length, b % v.length];
        const moved = bits.slice();
        const step = Math.min(0.01, bits[i] - 1, 8 - bits[j]);
        moved[i] -= step;
        moved[j] += step;
        expect(left(v, bits)).toBeLessThanOrEqual(left(v, moved) * (1 + 1e-9));
      }),
    ));

  it("counts channels by how many values they have", () => {
    const split = waterFilling([1, 16, 16, 16], 3);
    const weighed = waterFilling([1, 16], 3, { weights: [1, 3] });
    expect(weighed[0]).toBeCloseTo(split[0], 9);
    expect(weighed[1]).toBeCloseTo(split[3], 9);
  });

  it("gives a channel without variance the least, and says where no bits have such a mean", () => {
    const bits = waterFilling([0, 1, 1], 2, { least: 1 });
    expect(bits[0]).toBe(1);
    expect(bits[1]).toBeCloseTo(2.5, 9);
    expect([...waterFilling([0, 0], 1, { least: 1, most: 1 })]).toEqual([1, 1]);
    expect(() => waterFilling([1], 9, { least: 1, most: 8 })).toThrow("a mean of 9 bits is not within 1 to 8");
    expect(() => waterFilling([1, Number.NaN], 2)).toThrow("NaN is no variance");
  });
});

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { carriedBy, concentration, descending, envelope, notFinite } from "./decimate.ts";

describe("envelope", () => {
  it("holds every value between the least and the greatest of its bucket", () => {
    fc.assert(
      fc.property(fc.array(fc.integer(), { minLength: 1 }), fc.integer({ min: 1, max: 40 }), (v, limit) => {
        const e = envelope(v, limit);
        expect(e.min.length).toBe(Math.min(v.length, limit));
        expect(e.start[e.min.length]).toBe(v.length);
        for (let k = 0; k < e.min.length; k++) {
          const bucket = v.slice(e.start[k], e.start[k + 1]);
          expect(bucket.length).toBeGreaterThan(0);
          expect(e.min[k]).toBe(Math.min(...bucket));
          expect(e.max[k]).toBe(Math.max(...bucket));
        }
      }),
    );
  });

  it("leaves NaN and Inf out", () => {
    const e = envelope([Number.NaN, 2, Number.POSITIVE_INFINITY, Number.NaN], 2);
    expect([...e.max]).toEqual([2, Number.NaN]);
    expect(notFinite([Number.NaN, 2, Number.POSITIVE_INFINITY, 0])).toBe(2);
  });
});

it("orders by size, largest first, NaN last, equals in their order", () => {
  expect([...descending([1, Number.NaN, 3, 1, 3])]).toEqual([2, 4, 0, 3, 1]);
});

describe("concentration", () => {
  it("is that of the finite values, however large", () => {
    const far = concentration([Number.POSITIVE_INFINITY, Number.NaN, 1e308, 1e308, 1e308, 1e308])!;
    expect(far.members.at(-1)).toBe(1);
    expect(carriedBy(far, 0.5)).toBeCloseTo(0.5);
    expect(concentration([Number.POSITIVE_INFINITY, Number.NaN])).toBeNull();
  });

  it("is the diagonal for equal members and a step for a single one", () => {
    const even = concentration(new Float64Array(1000).fill(2))!;
    expect(carriedBy(even, 0.1)).toBeCloseTo(0.1);
    const one = new Float64Array(1000);
    one[17] = 5;
    expect(carriedBy(concentration(one)!, 0.001)).toBe(1);
  });

  it("ascends to one with few points", () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 2000 }), (v) => {
        const curve = concentration(v, 50);
        if (!curve) {
          expect(v.every((x) => x === 0)).toBe(true);
          return;
        }
        expect(curve.members.at(-1)).toBe(1);
        expect(curve.carried.at(-1)).toBeCloseTo(1);
        expect(curve.members.length).toBeLessThanOrEqual(60);
        for (let i = 1; i < curve.carried.length; i++)
          expect(curve.carried[i]).toBeGreaterThanOrEqual(curve.carried[i - 1]);
      }),
    );
  });

  it("has nothing to say without error", () => expect(concentration([0, 0])).toBeNull());
});

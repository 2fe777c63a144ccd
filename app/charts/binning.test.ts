import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  beyond,
  binAt,
  binsIn,
  bulkRange,
  commonBins,
  magnitudeAt,
  occupied,
  octave,
  octaveBins,
  octaveRange,
  octaveTicks,
} from "./binning.ts";

const histogram = (counts: number[], lo = -1, hi = 1) => ({
  lo,
  hi,
  counts: Uint32Array.from(counts),
  below: 0,
  above: 0,
});

describe("bulkRange", () => {
  it("leaves out a thousandth of the values, however far they lie", () => {
    const counts = new Array(4096).fill(0);
    counts[2040] = 5000;
    counts[2060] = 4995;
    counts[4095] = 5;
    expect(bulkRange(histogram(counts, -64, 64))).toEqual({ lo: -0.5, hi: 0.5 });
    counts[4095] = 50;
    expect(bulkRange(histogram(counts, -64, 64))).toBeNull();
  });

  it("has limits at a power of two or three quarters of one, and holds its share", () => {
    fc.assert(
      fc.property(fc.array(fc.nat(1000), { minLength: 8, maxLength: 300 }), (counts) => {
        const h = histogram(counts, -3, 5);
        const bulk = bulkRange(h);
        if (!bulk) return;
        const { below, above } = beyond(h, bulk.lo, bulk.hi);
        expect(below + above).toBeLessThanOrEqual(0.001 * counts.reduce((a, b) => a + b, 0));
        expect([1, 0.75]).toContain(bulk.hi / 2 ** Math.ceil(Math.log2(bulk.hi)));
      }),
    );
  });
});

describe("beyond", () => {
  it("counts what lies on either side, with what the histogram left out", () => {
    const h = { ...histogram([1, 2, 3, 4], 0, 4), below: 10, above: 20 };
    expect(beyond(h, 1, 3)).toEqual({ below: 11, above: 24 });
    expect(beyond(h, 0.5, 3.5)).toEqual({ below: 10, above: 20 });
  });
});

describe("binsIn", () => {
  it("keeps every count when it joins bins", () => {
    fc.assert(
      fc.property(
        fc.array(fc.nat(1000), { minLength: 1, maxLength: 300 }),
        fc.integer({ min: 1, max: 64 }),
        (c, limit) => {
          const bins = binsIn(histogram(c), -1, 1, limit);
          expect(bins.reduce((n, bin) => n + bin.count, 0)).toBe(c.reduce((n, v) => n + v, 0));
          expect(bins.length).toBeLessThanOrEqual(limit);
          for (let i = 1; i < bins.length; i++) expect(bins[i].lo).toBe(bins[i - 1].hi);
        },
      ),
    );
  });

  it("gives only the bins that meet the range", () => {
    expect(binsIn(histogram([1, 2, 3, 4], 0, 4), 1.5, 2.5, 10)).toEqual([
      { lo: 1, hi: 2, count: 2 },
      { lo: 2, hi: 3, count: 3 },
    ]);
  });
});

it("finds the bin of a value, and none between or beyond", () => {
  const bins = [
    { lo: 0, hi: 1, count: 1 },
    { lo: 1, hi: 2, count: 1 },
  ];
  expect([-0.1, 0, 0.99, 1, 2].map((x) => binAt(bins, x))).toEqual([-1, 0, 0, 1, -1]);
});

it("shows the occupied part with a little room, or everything when nothing is counted", () => {
  const part = occupied(histogram([0, 0, 5, 5, 0, 0, 0, 0], 0, 8));
  expect(part.lo).toBeCloseTo(1.96);
  expect(part.hi).toBeCloseTo(4.04);
  expect(occupied(histogram([0, 0]))).toEqual({ lo: -1, hi: 1 });
});

describe("octaves", () => {
  it("puts powers of two at whole positions and quarters between them", () => {
    expect(octave(1)).toBe(0);
    expect(octave(-0.25)).toBe(-2);
    expect(octave(1.5)).toBe(0.5);
    expect(octaveBins({ zeros: 0, firstKey: 127 * 4 + 1, counts: Uint32Array.of(7) })).toEqual([
      { lo: 0.25, hi: 0.5, count: 7 },
    ]);
  });

  it("has an inverse on all positive float32 values", () => {
    fc.assert(
      fc.property(fc.float({ min: 0, noNaN: true, noDefaultInfinity: true }), (x) => {
        expect(magnitudeAt(octave(x))).toBe(x === 0 ? 0 : x);
      }),
    );
  });

  it("spans what was counted in whole octaves", () => {
    const h = { zeros: 3, firstKey: 127 * 4 - 3, counts: Uint32Array.of(0, 1, 0, 0, 2, 0) };
    expect(octaveRange([h])).toEqual({ lo: -1, hi: 1 });
    expect(octaveRange([{ zeros: 9, firstKey: 0, counts: new Uint32Array(4) }])).toBeNull();
  });

  it("ticks on multiples of powers of two", () => {
    expect(octaveTicks(-9, 8, 5)).toEqual([-8, -4, 0, 4, 8]);
    expect(octaveTicks(0, 2, 5)).toEqual([0, 1, 2]);
  });
});

describe("commonBins", () => {
  it("gives bins of one width on the same multiples, whatever the histograms' own are", () => {
    const wide = histogram([1, 2, 3, 4], -4, 4);
    const fine = histogram([1, 1, 1, 1, 1, 1], -1.5, 1.5);
    const [one, other] = commonBins([wide, fine], -4, 4, 100);
    expect(one).toEqual([-4, -2, 0, 2].map((lo, i) => ({ lo, hi: lo + 2, count: i + 1 })));
    expect(other.map((bin) => bin.count)).toEqual([0, 3, 3, 0]);
    expect(other.map((bin) => bin.lo)).toEqual(one.map((bin) => bin.lo));
  });

  it("joins to as many as there is room for, and loses nothing inside the range", () => {
    const h = histogram(
      Array.from({ length: 512 }, (_, i) => i),
      -2,
      2,
    );
    const [bins] = commonBins([h], -2, 2, 100);
    expect(bins).toHaveLength(64);
    expect(bins.reduce((sum, bin) => sum + bin.count, 0)).toBe((511 * 512) / 2);
    const [part] = commonBins([h], 0.3, 1.1, 1000);
    expect(part[0].lo).toBeLessThanOrEqual(0.3);
    expect(part[0].count).toBe(294);
  });
});

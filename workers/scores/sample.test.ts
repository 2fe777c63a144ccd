import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { normalDraw } from "../../kernels/random/normal.ts";
import { estimate, intervalFactor, type RowSample, rowsIn, runsOf, sampleOf, standardError } from "./sample.ts";

const asked = fc.record({
  rows: fc.integer({ min: 1, max: 5000 }),
  cols: fc.constantFrom(64, 256, 4096),
  rowBytes: fc.constantFrom(128, 8192, 30_000),
  period: fc.constantFrom(1, 2, 16, 128),
  share: fc.double({ min: 0.001, max: 1, noNaN: true }),
  seed: fc.integer({ min: 0, max: 2 ** 31 }),
  stream: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
});

describe("rows that are read", () => {
  it("are whole groups of rows, in order, spread over all of the matrix, and weigh as much as it has units", () => {
    fc.assert(
      fc.property(asked, (given) => {
        const sample = sampleOf(given)!;
        const units = Math.ceil(given.rows / sample.unit);
        expect(sample.unit % given.period === 0 || sample.unit === given.rows).toBe(true);
        expect([...sample.units]).toEqual([...new Set(sample.units)].sort((a, b) => a - b));
        expect(sample.units.every((u) => u >= 0 && u < units)).toBe(true);
        if (sample.whole) expect(rowsIn(sample)).toBe(given.rows);
        else {
          expect(sample.weights.reduce((a, b) => a + b, 0)).toBeCloseTo(units, 9);
          // Two units are read at least; beyond them no more than was asked for, and one pair.
          expect(sample.units.length).toBeLessThanOrEqual(Math.max(2, (given.share * given.rows) / sample.unit + 2));
        }
        const runs = runsOf(sample);
        expect(runs.every(([from, to], i) => from < to && (i === 0 || runs[i - 1][1] < from))).toBe(true);
      }),
    );
  });

  it("are the same for the same seed, and none of those that were seen where fresh ones are asked for", () => {
    fc.assert(
      fc.property(asked, (given) => {
        const first = sampleOf(given)!;
        expect(sampleOf(given)).toEqual(first);
        const fresh = sampleOf({ ...given, seed: given.seed + 1 }, first);
        if (fresh) expect(fresh.units.filter((u) => first.units.includes(u))).toEqual([]);
        else expect(first.whole || first.units.length * 2 > Math.ceil(given.rows / first.unit) / 2).toBe(true);
      }),
    );
  });
});

describe("an estimate", () => {
  const rows = 4096;
  const ofRow = (row: number) => {
    const level = 1 + row / rows;
    return { error: level * (1 + 0.4 * normalDraw(3, 0, row)) ** 2, signal: level * (4 + normalDraw(3, 1, row)) ** 2 };
  };
  const all = Array.from({ length: rows }, (_, row) => ofRow(row));
  const truth = all.reduce((sum, { error }) => sum + error, 0) / all.reduce((sum, { signal }) => sum + signal, 0);
  const ratio = (error: number, signal: number) => error / signal;
  const unitSums = (sample: RowSample, key: "error" | "signal") =>
    Float64Array.from(sample.units, (u) => {
      let sum = 0;
      for (let row = u * sample.unit; row < Math.min(rows, (u + 1) * sample.unit); row++) sum += all[row][key];
      return sum;
    });
  const of = (share: number, seed: number) => {
    const sample = sampleOf({ rows, cols: 256, rowBytes: 512, period: 1, share, seed, stream: 9 })!;
    const sums = estimate(sample, unitSums(sample, "error"), unitSums(sample, "signal"));
    return { value: ratio(sums.error, sums.signal), error: standardError(sums, ratio)!, sample };
  };

  it("is exact, without a standard error, where all was read", () => {
    const { value, error } = of(1, 1);
    expect(value).toBeCloseTo(truth, 12);
    expect(error).toBe(0);
  });

  it("lies as far from the truth as its standard error says, which shrinks as more is read", () => {
    const seeds = Array.from({ length: 400 }, (_, i) => i);
    const errors = [0.02, 0.08, 0.5].map((share) => {
      const found = seeds.map((seed) => of(share, seed));
      const scores = found.map(({ value, error }) => (value - truth) / error);
      const inside = scores.filter((z) => Math.abs(z) < intervalFactor(found[0].sample.units.length)).length;
      expect(inside / seeds.length).toBeGreaterThan(0.91);
      expect(inside / seeds.length).toBeLessThan(0.99);
      const mean = found.reduce((sum, { value }) => sum + value, 0) / seeds.length;
      const spread = Math.sqrt(found.reduce((sum, { value }) => sum + (value - truth) ** 2, 0) / seeds.length);
      expect(Math.abs(mean - truth)).toBeLessThan((5 * spread) / Math.sqrt(seeds.length));
      return spread;
    });
    expect(errors[1]).toBeLessThan(errors[0] * 0.7);
    // Half of all rows: the correction for a finite population takes more than the number of rows does.
    expect(errors[2]).toBeLessThan(errors[1] * 0.45);
  });
});

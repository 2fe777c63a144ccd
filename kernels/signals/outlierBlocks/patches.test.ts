import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { normalValues } from "../../testing/matrix.ts";
import { planted } from "../testing/patches.ts";
import { entropyAt, fitGaussian, outlierPatches, planPatches, valuesOf, WIDTHS } from "./patches.ts";

describe("patches with outliers", () => {
  it("are those that were planted", () => {
    for (const seed of [1, 2, 3]) {
      const map = planted(seed);
      expect(outlierPatches(map, 8)).toEqual(map.marks);
    }
  });

  it("of a Gaussian are one in 25 where the quantile is that of patches", () => {
    const marks = outlierPatches({ values: normalValues(640 * 640, 9), rows: 640, cols: 640 }, 16, { each: "patch" });
    const share = marks.reduce((sum, mark) => sum + mark, 0) / marks.length;
    expect(share).toBeGreaterThan(0.03);
    expect(share).toBeLessThan(0.05);
  });

  it("at the ends are smaller, and what is not finite is an outlier", () => {
    const values = new Float32Array(5 * 5).map((_, i) => (i % 2) - 0.5);
    values[24] = Number.NaN;
    expect([...outlierPatches({ values, rows: 5, cols: 5 }, 2)]).toEqual([0, 0, 0, 0, 0, 0, 0, 0, 1]);
    expect(valuesOf({ values, rows: 5, cols: 5 }, 2, Uint8Array.of(1, 0, 0, 0, 0, 0, 0, 0, 0), true)).toHaveLength(4);
    expect(outlierPatches({ values: new Float32Array(0), rows: 0, cols: 0 }, 2)).toHaveLength(0);
    expect([...outlierPatches({ values: new Float32Array(4), rows: 2, cols: 2 }, 2)]).toEqual([0]);
    expect(fitGaussian(new Float32Array(2).fill(Number.NaN))).toBeNull();
  });
});

describe("widths of maps", () => {
  const maps = [160, 80, 80, 40].map((side, i) => ({
    ...{ values: normalValues(side * side, i + 1), rows: side, cols: side },
    operations: side,
  }));

  it("stay 8 where there is room", () => {
    const plan = planPatches(maps, 8, { lambda: 0.5, memory: 1e9 });
    expect(plan.maps.map(({ width }) => width)).toEqual([8, 8, 8, 8]);
    expect([plan.fits, plan.saved]).toEqual([true, 1]);
  });

  it("fit the memory, or are all at their least", () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.integer({ min: 10_000, max: 300_000 }),
        (lambda, memory) => {
          const plan = planPatches(maps, 8, { lambda, memory });
          expect(plan.fits).toBe(plan.memory <= memory);
          if (!plan.fits) expect(plan.maps.slice(0, 2).map(({ width }) => width)).toEqual([2, 2]);
          for (const map of plan.maps) expect(WIDTHS).toContain(map.width);
        },
      ),
      { numRuns: 20 },
    );
  });

  it("where bits are all that counts, are 2; where entropy is, only what has to be is lowered", () => {
    const memory = 6 * (160 * 160 + 80 * 80);
    expect(planPatches(maps, 8, { lambda: 0, memory }).maps[0].width).toBe(2);
    expect(planPatches(maps, 8, { lambda: 1, memory }).maps.map(({ width }) => width)[3]).toBe(8);
  });

  it("of no maps and of empty ones are no NaN", () => {
    expect(planPatches([], 8, { lambda: 0.5, memory: 0 })).toMatchObject({ memory: 0, fits: true, saved: 1 });
    const empty = { values: new Float32Array(0), rows: 0, cols: 0, operations: 0 };
    expect(planPatches([empty], 8, { lambda: 0.5, memory: 0 })).toMatchObject({ fits: true, saved: 1 });
    expect(entropyAt(new Float32Array(0), 4)).toBe(0);
  });
});

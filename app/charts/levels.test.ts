import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Report } from "../../kernels/measure/report.ts";
import type { ScaleReport } from "../../kernels/report/report.ts";
import { cellAt, medianOffset, medianScale, nearestLevel, rulerNote, rulerShift } from "./levels.ts";

it("finds the nearest level", () => {
  const ascending = fc
    .uniqueArray(fc.integer({ min: -50, max: 50 }), { minLength: 1 })
    .map((v) => v.sort((x, y) => x - y));
  fc.assert(
    fc.property(ascending, fc.double({ min: -60, max: 60, noNaN: true }), (levels, q) => {
      const least = Math.min(...levels.map((l) => Math.abs(l - q)));
      expect(Math.abs(levels[nearestLevel(levels, q)] - q)).toBe(least);
    }),
  );
  expect(nearestLevel([], 1)).toBe(-1);
});

describe("cellAt", () => {
  const levels = [-1, 0, 2];
  it("lies half-way to the neighbours, scaled", () => {
    expect(cellAt(levels, 0.5, 0.1)).toEqual({ level: 0, lo: -0.25, hi: 0.5 });
  });
  it("is open at the ends, also under a negative scale", () => {
    expect(cellAt(levels, 1, 9)).toEqual({ level: 2, lo: 1, hi: Infinity });
    expect(cellAt(levels, -1, -9)).toEqual({ level: -2, lo: -Infinity, hi: -1 });
  });
  it("is none without levels or scale", () => {
    expect(cellAt(null, 1, 1)).toBeNull();
    expect(cellAt(levels, 0, 1)).toBeNull();
  });
});

it("moves a ruler by what blocks add after scaling", () => {
  const scales = [
    { what: "scales", median: 50 },
    { what: "scales", median: 0.01 },
    { what: "minima", median: 40 },
    { what: "minima", median: 0.1 },
  ] as ScaleReport[];
  expect([medianScale(scales), medianOffset(scales)]).toEqual([0.5, -4]);
  const report = { scales } as Report;
  expect([rulerShift(report, null), rulerShift(report, 7.5)]).toEqual([8, 7.5]);
  expect(rulerNote(report, null)).toBe("median scale and offset; each block has its own");
});

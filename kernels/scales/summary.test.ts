import { describe, expect, it } from "vitest";
import { LOG_KEYS } from "../report/bins.ts";
import { planOf } from "../testing/matrix.ts";
import type { Scales } from "./resolve.ts";
import { countsSummary, plainSummary, scaleReports, summaryOf, trimKeys, valuesSummary } from "./summary.ts";

const key = (value: number) => new Uint32Array(Float32Array.of(value).buffer)[0] >>> 21;

/** A histogram from what lies in it, with zeros apart. */
const histogram = (zeros: number, ...values: number[]) => {
  const keys = values.map(key).sort((a, b) => a - b);
  const counts = new Uint32Array(keys[keys.length - 1] - keys[0] + 1);
  for (const k of keys) counts[k - keys[0]]++;
  return { zeros, firstKey: keys[0], counts };
};

describe("what stored scales are like", () => {
  it("is told from values of any sign", () => {
    expect(valuesSummary(Float32Array.of(-4, 0, 1, 1.1, -0, 0.5))).toEqual({
      ...{ count: 6, negative: 1, min: -4, median: 0.5, max: Math.fround(1.1) },
      histogram: histogram(2, 4, 1, 1.1, 0.5),
    });
    expect(valuesSummary(Float32Array.of(Number.NaN, -1))).toMatchObject({ count: 2, negative: 1, min: -1, max: -1 });
    expect(valuesSummary(new Float32Array(0))).toMatchObject({
      count: 0,
      min: Number.NaN,
      median: Number.NaN,
      max: Number.NaN,
    });
  });

  it.each([
    [[3]],
    [[0]],
    [[2, 1]],
    [[5, 0, 1, 0, 2]],
    [[1, 1.000001, 1.0001, 1.01, 1.1, 1.2]],
    [[2 ** -149, 1, 3e38, 0]],
    [[7, 7, 7, 1, 9]],
  ])("is the same, faster, from values without a sign: %j", (list) => {
    const values = Float32Array.from(list);
    expect(plainSummary(values)).toEqual(valuesSummary(values));
    const sorted = values.slice().sort();
    expect(plainSummary(values)).toMatchObject({
      min: sorted[0],
      median: sorted[list.length >> 1],
      max: sorted.at(-1),
    });
    const distinct = Float32Array.from(new Set(sorted));
    // One that no block has is not counted.
    const some = Float32Array.of(...distinct, 3.3e38);
    const counts = [...distinct].map((v) => values.filter((x) => x === v).length);
    expect(countsSummary(some, [...counts, 0])).toEqual(valuesSummary(values));
  });

  it("of none says so", () => {
    expect(plainSummary(new Float32Array(0))).toEqual(valuesSummary(new Float32Array(0)));
    expect(countsSummary(Float32Array.of(0, 1), [0, 0])).toEqual(valuesSummary(new Float32Array(0)));
  });
});

it("a histogram is cut at both ends, and one bin is left of none", () => {
  const keys = new Uint32Array(LOG_KEYS);
  expect(trimKeys(3, keys)).toEqual({ zeros: 3, firstKey: 0, counts: Uint32Array.of(0) });
  keys.set([1, 0, 2], 500);
  expect(trimKeys(0, keys)).toEqual({ zeros: 0, firstKey: 500, counts: Uint32Array.of(1, 0, 2) });
  keys[0] = 4;
  keys[LOG_KEYS - 1] = 5;
  expect(trimKeys(0, keys)).toEqual({ zeros: 0, firstKey: 0, counts: keys });
});

it("levels are summed up one by one, and named as the plan has them", () => {
  const levels = [Float32Array.of(1, 2), Float32Array.of(3)].map((values) => ({
    values,
    codes: null,
    ideal: new Float64Array(0),
  }));
  const summary = summaryOf({ levels, dead: 4 } as unknown as Scales);
  expect(summary).toEqual({ levels: levels.map(({ values }) => valuesSummary(values)), dead: 4 });
  const reports = scaleReports(planOf("nvfp4", 1, 32), summary);
  expect(reports.map(({ format, count }) => [format, count])).toEqual([
    ["e4m3", 2],
    ["f32", 1],
  ]);
  expect(reports[0]).not.toHaveProperty("what");
  const kinds = scaleReports(planOf("q4_k", 1, 256), {
    levels: new Array(planOf("q4_k", 1, 256).levels.length).fill(summary.levels[0]),
    dead: 0,
  });
  expect(kinds.map(({ what }) => what)).toContain("minima");
});

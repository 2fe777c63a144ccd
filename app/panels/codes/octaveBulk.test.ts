import { describe, expect, it } from "vitest";
import { octave } from "../../charts/binning.ts";
import { bulkOf, octaveBulk, outside } from "./octaveBulk.ts";

/** A histogram of scales: powers of two, with so many at each. */
function scales(...counts: [octave: number, count: number][]) {
  const first = Math.min(...counts.map(([at]) => at));
  const last = Math.max(...counts.map(([at]) => at));
  const histogram = { zeros: 0, firstKey: (first + 127) * 4, counts: new Uint32Array(4 * (last - first) + 4) };
  for (const [at, count] of counts) histogram.counts[4 * (at - first)] += count;
  return histogram;
}

describe("the bulk of scales", () => {
  it("leaves out one that lies far from the others, however many these are", () => {
    expect(octaveBulk(scales([-8, 60], [-7, 20], [30, 1]))).toEqual({ lo: -8, hi: -6 });
    expect(octaveBulk(scales([-8, 1], [-7, 1], [30, 1]))).toEqual({ lo: -8, hi: -6 });
    expect(octaveBulk(scales([-40, 1], [-7, 5000], [30, 2]))).toEqual({ lo: -7, hi: -6 });
  });

  it("is all of them where none lies far, where as many do, or where there are two", () => {
    expect(octaveBulk(scales([-8, 60], [-4, 1]))).toEqual({ lo: -8, hi: -3 });
    expect(octaveBulk(scales([-8, 60], [30, 40]))).toEqual({ lo: -8, hi: 31 });
    expect(octaveBulk(scales([-8, 1], [30, 1]))).toEqual({ lo: -8, hi: 31 });
    expect(octaveBulk({ zeros: 4, firstKey: 400, counts: new Uint32Array(8) })).toBeNull();
  });

  it("of two recipes holds both, and what lies beyond is counted for each", () => {
    const [a, b] = [scales([-8, 60], [30, 1]), scales([3, 60], [-90, 1])];
    const range = bulkOf([a, b])!;
    expect(range).toEqual({ lo: -8, hi: 4 });
    expect(outside(a, range)).toEqual({ below: null, above: { count: 1, range: { lo: 30, hi: 30.25 } } });
    expect(outside(b, range)).toEqual({ below: { count: 1, range: { lo: -90, hi: -89.75 } }, above: null });
    expect(octave(2 ** 30)).toBe(30);
    expect(bulkOf([])).toBeNull();
  });
});

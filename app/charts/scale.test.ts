import * as d3 from "d3";
import { describe, expect, test } from "vitest";
import { scaleLinear, scaleLog } from "./scale.ts";

const domains: [number, number][] = [
  [0, 1],
  [-3.7, 12.2],
  [5, -5],
  [1e-30, 3e-30],
  [2, 2],
  [0, 0.87],
];
const positions = [-10, -1, 0, 0.3, 1, 2, 7.5, 1e-30, 1e3];

describe("scales are d3's", () => {
  test.each(domains)("linear over %d to %d", (lo, hi) => {
    for (const clamp of [false, true]) {
      const own = scaleLinear().domain([lo, hi]).range([40, 600]).clamp(clamp);
      const theirs = d3.scaleLinear().domain([lo, hi]).range([40, 600]).clamp(clamp);
      for (const x of positions) {
        expect(own(x)).toEqual(theirs(x));
        expect(own.invert(x)).toEqual(theirs.invert(x));
      }
      for (const count of [1, 2, 5, 10]) {
        expect(own.ticks(count)).toEqual(theirs.ticks(count));
        expect(scaleLinear().domain([lo, hi]).nice(count).domain()).toEqual(
          d3.scaleLinear().domain([lo, hi]).nice(count).domain(),
        );
      }
      expect([own.domain(), own.range()]).toEqual([theirs.domain(), theirs.range()]);
    }
  });
  test.each([
    [0.7, 1e6],
    [1e-20, 1],
    [100, 0.5],
  ])("logarithmic over %d to %d", (lo, hi) => {
    for (const clamp of [false, true]) {
      const own = scaleLog().domain([lo, hi]).range([300, 20]).clamp(clamp);
      const theirs = d3.scaleLog().domain([lo, hi]).range([300, 20]).clamp(clamp);
      for (const x of [1e-25, 0.7, 1, 3.3, 1e3, 1e8]) {
        expect(own(x)).toBeCloseTo(theirs(x)!, 9);
      }
      for (const y of [0, 20, 77.5, 300, 320]) expect(own.invert(y) / theirs.invert(y)).toBeCloseTo(1, 9);
    }
  });
});

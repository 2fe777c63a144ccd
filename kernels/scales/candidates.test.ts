import { describe, expect, it } from "vitest";
import { planOf } from "../testing/matrix.ts";
import { Candidates, zeroBelow } from "./candidates.ts";
import type { Outside } from "./resolve.ts";
import { addStatistics, makeStatistics } from "./statistics.ts";
import { mostCandidates } from "./tried.ts";

const LARGEST = (2 - 2 ** -23) * 2 ** 127;

/** What is listed for the first block of a row of values, the plain rule's own scale first. */
function listed(recipe: string, values: number[], outside: Outside | null = null) {
  const plan = planOf(recipe, 1, values.length);
  const stats = makeStatistics(plan);
  addStatistics(plan, Float32Array.from(values), 0, 1, stats);
  const candidates = new Candidates(plan, stats, outside);
  candidates.begin(0);
  const list = (way: "below" | "above" | "opposite") => {
    const found: [number, number][] = [];
    candidates[way]((stored, scale) => {
      found.push([stored, scale]);
      return true;
    });
    return found;
  };
  const own = [candidates.stored, candidates.scale];
  const stored = (way: "below" | "above" | "opposite") => list(way).map(([value]) => value);
  return { candidates, own, list, below: stored("below"), above: stored("above"), opposite: stored("opposite") };
}

describe("scales of few codes", () => {
  it("are all there: the plain one, those below downwards, those above upwards until all is zero", () => {
    // 7/7 is 1. Above 14 every value of at most 7 is less than half a scale.
    const { own, below, above, opposite, list } = listed("int4/4~mse:e3m1", [7, 1, 0, 0]);
    expect(own).toEqual([1, 1]);
    expect(below).toEqual([0.75, 0.5, 0.375, 0.25, 0.125, 0]);
    expect(above).toEqual([1.5, 2, 3, 4, 6, 8, 12, 16]);
    expect(opposite).toEqual([]);
    expect(list("below")).toEqual(below.map((v) => [v, v]));
  });

  it("are those of the sign of the largest, and then of the other, where the signed maximum is", () => {
    // -8 is the largest: its scale is 1 with a sign of its own.
    const plus = listed("int4(signmax)/4~mse:e2m1", [-8, 1, 0, 0]);
    expect([plus.own[0], plus.below, plus.above, plus.opposite]).toEqual([
      1,
      [0.5, 0],
      [1.5, 2, 3, 4, 6],
      [-0.5, -1, -1.5, -2, -3, -4, -6],
    ]);
    const minus = listed("int4(signmax)/4~mse:e2m1", [8, 1, 0, 0]);
    expect([minus.own[0], minus.below, minus.above, minus.opposite]).toEqual([
      -1,
      [-0.5],
      [-1.5, -2, -3, -4, -6],
      [0.5, 1, 1.5, 2, 3, 4, 6],
    ]);
  });

  it("are no less than the least there is", () => {
    expect(listed("int4/4~mse:e2m1(least=1)", [14, 0, 0, 0]).below).toEqual([1.5, 1, 0]);
  });

  it("under a scale outside are in force times that, and not at all under zero", () => {
    const outside = { over: () => 0.5, offset: 0 };
    const { own, list } = listed("int4/4~mse:e2m1/tensor", [7, 0, 0, 0], outside);
    expect(own).toEqual([2, 1]);
    expect(list("below")).toEqual([1.5, 1, 0.5, 0].map((v) => [v, v / 2]));
    const zero = listed("int4/4~mse:e2m1/tensor", [7, 0, 0, 0], { over: () => 0, offset: 0 });
    expect([zero.own, zero.below, zero.above, zero.opposite]).toEqual([[0, 0], [], [], []]);
  });

  it("of an affine format come again: with other zero points", () => {
    const { own, below, above } = listed("int4(asym)/4~mse:e2m1", [0, 15, 1, 2]);
    expect([own[0], below, above]).toEqual([1, [1, 0.5, 0], [1.5, 2, 3, 4, 6]]);
  });
});

describe("scales of many codes", () => {
  it("are a grid of factors about the plain one, and the powers of two of ~mx", () => {
    // 6/6 is 1; steps of (1 - 0.5)/4 below and above; 6 has the exponent of the largest level, so 1 and 2.
    const { own, below, above } = listed("e2m1/4~mse(grid=4,least=0.5,most=1.25):f16", [6, 0, 0, 0]);
    expect([own, below, above]).toEqual([
      [1, 1],
      [0.875, 0.75, 0.625, 0.5],
      [2, 1.125, 1.25],
    ]);
    // A largest magnitude between powers of two has both around it.
    expect(listed("e2m1/4~mse(grid=1,least=0.5,most=1)", [7.5, 0, 0, 0])).toMatchObject({
      own: [1.25, 1.25],
      below: [0.625],
      above: [1, 2],
    });
  });

  it("leave out equals of the one before, and zeros", () => {
    expect(listed("int4/4~mse(grid=4,least=0.5):f16", [7 * 2 ** -24, 0, 0, 0])).toMatchObject({
      below: [],
      // The power of two, and the grid's last.
      above: [2 ** -23, 2 ** -23],
    });
  });

  it("are as many as is said at most", () => {
    for (const recipe of [
      "int4/4~mse",
      "e2m1/4~mse(grid=7,least=0,most=3):f16",
      "int4/4~mse:e4m3",
      "int4(signmax)/4~mse:e4m3",
    ]) {
      const { below, above, opposite } = listed(recipe, [1.3, 0, 0, 0]);
      expect(1 + below.length + above.length + opposite.length).toBeLessThanOrEqual(
        mostCandidates(planOf(recipe, 1, 4)),
      );
    }
    expect(mostCandidates(planOf("int4/4~mse(grid=10,least=0.5,most=2)", 1, 4))).toBe(10 + 20 + 4);
    expect(mostCandidates(planOf("int4/4~mse:e4m3", 1, 4))).toBe(
      planOf("int4/4~mse:e4m3", 1, 4).levels[0].ladder!.levels.length + 1,
    );
  });
});

it("listing ends where a visitor says so", () => {
  for (const recipe of ["int4/4~mse:e4m3", "int4/4~mse", "int4(signmax)/4~mse:e4m3"]) {
    const { candidates } = listed(recipe, [-3, 1, 0, 0]);
    for (const way of ["below", "above"] as const) {
      let visits = 0;
      candidates[way](() => ++visits < 2);
      expect([recipe, way, visits]).toEqual([recipe, way, 2]);
    }
  }
});

it("no error is as small as what a scale cannot reach, or what its least level overshoots", () => {
  // INT4 reaches 7: of 10 there is 3 left under a scale of 1.
  const { candidates } = listed("int4/4~mse", [10, -2, 0, 0]);
  expect(candidates.errorBelow(1)).toBeCloseTo(3, 4);
  expect(candidates.errorBelow(1)).toBeLessThan(3);
  expect(candidates.errorBelow(-1)).toBe(candidates.errorBelow(1));
  expect(candidates.errorBelow(2)).toBeLessThan(0);
  expect(candidates.errorAbove(100)).toBe(0);
  // Levels -1 and 1 alone: a value of at most 10 is off by 20 or more under 30.
  const bipolar = listed("codebook(-1,1)/4~mse", [10, -2, 1, 1]).candidates;
  expect(bipolar.errorAbove(30)).toBeCloseTo(20, 3);
  expect(bipolar.errorAbove(30)).toBeLessThan(20);
  // Sixteen steps of 1 for values from -10 to 30: half of what is missing, 24.
  const affine = listed("int4(asym)/4~mse", [-10, 30, 0, 0]).candidates;
  expect(affine.errorBelow(1)).toBeCloseTo(12, 4);
  expect(affine.errorBelow(1)).toBeLessThan(12);
  expect(listed("int4(asym,zp=e4m3)/4~mse", [-10, 30, 0, 0]).candidates.errorBelow(1)).toBe(0);
});

it("zero points go with the scale, and their neighbours where scales are codes", () => {
  const grid = listed("int4(asym)/4~mse", [-4, 11, 0, 0]).candidates;
  expect([grid.zero(), grid.zeros(1), grid.zeros(0.5), grid.zeros(0)]).toEqual([4, [4], [4], [0]]);
  const codes = listed("int4(asym)/4~mse:e2m1", [-4, 11, 0, 0]).candidates;
  expect([codes.zero(), codes.zeros(1), codes.zeros(0)]).toEqual([4, [4, 3, 5], [0]]);
  expect(listed("int4(asym)/4~mse:e2m1", [0, 15, 0, 0]).candidates.zeros(1)).toEqual([0, 1]);
  expect(listed("int4(asym)/4~mse:e2m1", [-15, 0, 0, 0]).candidates.zeros(1)).toEqual([15, 14]);
});

it("a larger ideal may be a smaller scale only by chance", () => {
  const of = (storage: string) => listed(`int4/4~mse:${storage}`, [1, 0, 0, 0]).candidates.monotone;
  expect([of("e4m3"), of("e4m3@up"), of("e4m3@sr(seed=1)"), of("e4m3@coin(seed=1)")]).toEqual([
    true,
    true,
    false,
    false,
  ]);
});

it("every value below half of the least level becomes zero, where there is a zero and rounding is to the nearest", () => {
  const of = (recipe: string) => zeroBelow(planOf(recipe, 1, 4).element);
  expect([of("int4/4"), of("e2m1/4"), of("int4@away/4"), of("int4@inward/4"), of("int4@sr(seed=1)/4")]).toEqual([
    0.5, 0.25, 0.5, 0.5, 0.5,
  ]);
  expect([of("int4@trunc/4"), of("e2m1@trunc/4"), of("int4@up/4"), of("int4@down/4")]).toEqual([1, 0.5, 0, 0]);
  expect([of("codebook(-1,1)/4"), of("int4(asym)/4"), of("int4(asym)@up/4"), of("int4(asym,zp=e4m3)/4")]).toEqual([
    0, 0.5, 0, 0,
  ]);
});

it("a scale in force saturates in float32, as a product does", () => {
  const { own } = listed("e2m1/4~mse:f32", [3e38, 0, 0, 0]);
  expect(own).toEqual([Math.fround(Math.fround(3e38) / 6), Math.fround(Math.fround(3e38) / 6)]);
  const far = listed("codebook(-0.125,0,0.125)/4~mse:f32", [3e38, 0, 0, 0]);
  expect(far.own).toEqual([LARGEST, LARGEST]);
});

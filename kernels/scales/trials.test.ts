import { describe, expect, it } from "vitest";
import { planOf } from "../testing/matrix.ts";
import { searchedElement } from "./searches.ts";
import { costOf, referenceTrials } from "./trials.ts";

/** Values 1 to n against results of which the k-th is off by k + 1. */
const lists = (n: number) => {
  const y = Float32Array.from({ length: n }, (_, i) => 10 * i);
  return { x: y.map((v, i) => (i % 2 === 0 ? v + i + 1 : v - i - 1)), y };
};
const sumOf = (n: number, of: (e: number) => number) =>
  Array.from({ length: n }, (_, i) => of(i + 1)).reduce((a, b) => a + b, 0);

describe("a cost", () => {
  it.each([0, 1, 2, 3, 4, 5, 6, 7, 8, 31, 33, 70])("of %i values is the sum of all their errors' powers", (n) => {
    const { x, y } = lists(n);
    expect(costOf(x, y, n, { p: 2, shift: 0 })).toBe(sumOf(n, (e) => e * e));
    expect(costOf(x, y, n, { p: 1, shift: 0 })).toBe(sumOf(n, (e) => e));
    const cubes = sumOf(n, (e) => e ** 3);
    expect(Math.abs(costOf(x, y, n, { p: 3, shift: 0 }) - cubes)).toBeLessThanOrEqual(1e-12 * cubes);
    // In units of 2^shift.
    expect(Math.abs(costOf(x, y, n, { p: 3, shift: 2 }) - cubes / 64)).toBeLessThanOrEqual(1e-12 * cubes);
  });

  it("adds four sums side by side, then the even ones to the odd ones", () => {
    const x = Float32Array.of(2 ** 27, 1, 1, 1, 1, 1, 1, 1);
    // Float64 holds fours beside 2^54, and neither ones nor twos.
    expect(costOf(x, new Float32Array(8), 8, { p: 2, shift: 0 })).toBe(2 ** 54 + 4);
    expect(costOf(Float32Array.of(2 ** 27, 1, 1), new Float32Array(3), 3, { p: 2, shift: 0 })).toBe(2 ** 54);
  });

  it("rounds errors to float32, and stops where the limit is passed", () => {
    expect(costOf(Float32Array.of(1), Float32Array.of(-(2 ** -30)), 1, { p: 2, shift: 0 })).toBe(1);
    const { x, y } = lists(64);
    expect(costOf(x, y, 64, { p: 2, shift: 0, limit: 100 })).toBe(100);
    expect(costOf(x, y, 64, { p: 2, shift: 0, limit: sumOf(32, (e) => e * e) })).toBe(sumOf(32, (e) => e * e));
    expect(costOf(x, y, 64, { p: 2, shift: 0, limit: 1e9 })).toBe(sumOf(64, (e) => e * e));
    expect(costOf(Float32Array.of(Number.NaN, 1), new Float32Array(2), 2, { p: 2, shift: 0 })).toBeNaN();
  });
});

describe("trials", () => {
  const started = (recipe: string, values: number[], scales: number[], zeros: number[] = []) => {
    const trials = referenceTrials();
    const { values: room, list } = trials.start(planOf(recipe, 1, values.length), values.length, scales.length);
    room.set(values);
    list.scale.set(scales);
    list.zero.set(zeros);
    trials.begin(values.length, 0);
    return trials;
  };

  it("find the first of the cheapest, if it is cheaper than the best so far", () => {
    // INT4: under 2 the 3 is 4; under 1 and 3 all are met.
    const trials = started("int4/4~mse", [3, 6, -3, 0], [2, 1, 3, 0.5]);
    expect([trials.owner, trials.cost]).toEqual([null, Infinity]);
    expect([trials.run(4, Infinity), trials.cost]).toEqual([1, 0]);
    expect(trials.run(1, 5)).toBe(0);
    expect(trials.cost).toBe(2);
    expect([trials.run(1, 2), trials.cost]).toEqual([-1, 2]);
    expect(trials.run(0, Infinity)).toBe(-1);
  });

  it("use each candidate's own zero point, and the rule's power", () => {
    const trials = started("int4(asym)/2~mse(p=1)", [-2, 13], [1, 1], [0, 2]);
    expect([trials.run(1, Infinity), trials.cost]).toEqual([0, 2]);
    expect([trials.run(2, Infinity), trials.cost]).toEqual([1, 0]);
    const square = started("int4/2~mse", [9, 0], [1]);
    expect([square.run(1, Infinity), square.cost]).toEqual([0, 4]);
  });

  it("take no cost that is NaN", () => {
    const trials = started("e4m3(sat=nan)/2~mse", [900, 1], [1, 2]);
    expect([trials.run(1, Infinity), trials.run(2, Infinity)]).toEqual([-1, 1]);
  });

  it("count the values that were begun with alone", () => {
    const trials = started("int4/4~mse", [1, 2, 3, 100], [1]);
    trials.begin(3, 0);
    expect([trials.run(1, Infinity), trials.cost]).toEqual([0, 0]);
  });
});

it("a search rounds to the nearest where chance would", () => {
  const mode = (recipe: string) => searchedElement(planOf(recipe, 1, 4)).rounding.mode;
  expect([mode("int4@sr(seed=1)/4~mse"), mode("int4@coin(seed=1)/4~mse"), mode("int4@up/4~mse")]).toEqual([
    "rne",
    "rne",
    "up",
  ]);
  const plain = planOf("int4/4~mse", 1, 4);
  expect(searchedElement(plain)).toBe(plain.element);
});

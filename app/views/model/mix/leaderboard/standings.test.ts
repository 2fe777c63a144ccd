import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { scoresForTest } from "../testing/scores.ts";
import { intervalOf, isSameText, type Judge, leaderboardOf, pairsOf, standingOf } from "./standings.ts";
import { statisticsOf } from "./statistics.ts";

const names = ["a", "b", "c", "d", "e"];
const judge = (values: (number | null)[], recipe = "int4/64", more: Partial<Judge["kl"]> = {}): Judge => ({
  recipe,
  kl: {
    ...{ id: "t", text: "a text", recipes: ["int2/64", "int4/64"], noise: null },
    values: new Map(names.map((name, i) => [name, [null, values[i]]])),
    errors: new Map(names.map((name) => [name, [null, 0.1]])),
    ...more,
  },
});

describe("pairs of a signal and measured KL", () => {
  const scores = scoresForTest(names, ["int4/64", "int8/64"], {
    nmse: {
      values: [
        [1, 9],
        [2, 9],
        [3, 9],
        [null, 9],
        [5, 9],
      ],
      weight: [10, 1, 1, 1, null],
    },
    kurtosis: { values: [[1], [2], [3], [4], [Number.NaN]] },
  });
  it("are of the recipe that was measured, as the signal is added up, without what one side lacks", () => {
    const { pairs, leftOut } = pairsOf(scores, "nmse", judge([1, 2, null, 4, null]));
    expect(pairs).toEqual([
      { tensor: "a", signal: 10, kl: 1, error: 0.1 },
      { tensor: "b", signal: 2, kl: 2, error: 0.1 },
    ]);
    expect(leftOut).toBe(3);
    expect(pairsOf(scores, "nmse", judge([1, 2, 3, 4, 5], "int4/64", { noise: 1 })).inNoise).toBe(1);
  });
  it("of a signal without recipes are the same under all of them", () => {
    expect(pairsOf(scores, "kurtosis", judge([1, 2, 3, 4, 5])).pairs.map(({ signal }) => signal)).toEqual([1, 2, 3, 4]);
    expect(pairsOf(scores, "kurtosis", judge([1, 2, 3, 4, 5])).leftOut).toBe(1);
  });
  it("are none of a signal, a recipe or a measurement that is not there", () => {
    expect(pairsOf(scores, "toString", judge([1, 2, 3, 4, 5])).pairs).toEqual([]);
    expect(pairsOf(scores, "nmse", judge([1, 2, 3, 4, 5], "nf4/64")).pairs).toEqual([]);
    expect(pairsOf(scores, "nmse", judge([1, 2, 3, 4, 5], "int2/64")).pairs).toEqual([]);
  });
});

describe("the leaderboard", () => {
  const values = { good: [1, 2, 3, 4, 5], bad: [5, 4, 3, 2, 1], flat: [1, 1, 1, 1, 1], kl: [1, 2, 3, 4, 5] };
  const scores = scoresForTest(
    names,
    ["int4/64"],
    Object.fromEntries(Object.entries(values).map(([name, list]) => [name, { values: list.map((x) => [x]) }])),
  );
  it("orders signals by the measurement they are chosen on, and judges them on the other", () => {
    const board = leaderboardOf(scores, judge([1, 2, 3, 4, 5]), judge([1, 2, 3, 5, 4]), () => false);
    expect(board.map(({ name }) => name)).toEqual(["good", "bad", "flat"]);
    expect(board[0].chosen.at.at(-1)!.value).toBe(1);
    expect(board[0].judged.at.at(-1)!.value).toBeCloseTo(0.9, 12);
    expect(board[2].chosen.at.at(-1)!.why).toBe("all 5 values of one side are equal");
  });
  it("turns a signal of which more wants fewer bits", () => {
    const board = leaderboardOf(scores, judge([1, 2, 3, 4, 5]), judge([1, 2, 3, 4, 5]), (name) => name === "bad");
    expect(board.find(({ name }) => name === "bad")!.chosen.at.at(-1)!.value).toBe(1);
  });
});

describe("the interval of a rank correlation", () => {
  it("holds it, lies within -1 and 1, and shrinks with pairs", () => {
    const rho = fc.double({ min: -1, max: 1, noNaN: true });
    fc.assert(
      fc.property(rho, fc.integer({ min: 5, max: 500 }), (r, n) => {
        const [lo, hi] = intervalOf(r, n)!;
        expect(lo).toBeLessThanOrEqual(r + 1e-9);
        expect(hi).toBeGreaterThanOrEqual(r - 1e-9);
        expect(Math.max(-lo, hi)).toBeLessThanOrEqual(1);
        const [lo4, hi4] = intervalOf(r, 4 * n)!;
        expect(hi4 - lo4).toBeLessThanOrEqual(hi - lo + 1e-9);
      }),
    );
  });
  it("is Bonett and Wright's", () => {
    // z = atanh 0.9 = 1.4722, half = 1.96 sqrt(1.405 / 39) = 0.3720
    const [lo, hi] = intervalOf(0.9, 42)!;
    expect(lo).toBeCloseTo(Math.tanh(1.47222 - 0.37201), 4);
    expect(hi).toBeCloseTo(Math.tanh(1.47222 + 0.37201), 4);
  });
  it("is none of few pairs, and a standing without pairs says why", () => {
    expect(intervalOf(0.5, 4)).toBeNull();
    const { at, interval } = standingOf({ pairs: [], leftOut: 0, inNoise: 0 });
    expect(interval).toBeNull();
    expect(at.every(({ value }) => value === null)).toBe(true);
  });
});

describe("figures of tensors as they are", () => {
  it("are a column each, and no loss is among them", () => {
    const signals = { nmse: { values: names.map(() => [1]) }, kurtosis: { values: [[3], [null], [1], [2], [9]] } };
    const table = statisticsOf(scoresForTest(names, ["int4/64"], signals))!;
    expect(table.columns.slice(0, 3)).toEqual(["tensor", "layer", "role"]);
    expect(table.columns).toHaveLength(4);
    expect(table.rows[1]).toEqual(["b", 1, "q_proj", null]);
    expect(statisticsOf(scoresForTest(names, ["int4/64"], { nmse: signals.nmse }))).toBeNull();
  });
});

it("two measurements on one text are told as that, whatever part of the page they come from", () => {
  const on = (text: string) => ({
    text: `KL of this tensor alone, nats a prediction, on 2 of 9 windows of 256 tokens of ${text}`,
  });
  const calibrate = on("the text that comes with it, from character 65,536 on");
  const judge = on("the first 65,536 characters of the text that comes with it");
  expect(isSameText("scores", "calibrate", calibrate)).toBe(true);
  expect(isSameText("judge", "scores", judge)).toBe(true);
  expect(isSameText("scores", "judge", calibrate)).toBe(false);
  expect(isSameText("scores", "calibrate", on("a.txt"))).toBe(false);
  expect(isSameText("calibrate", "judge", null)).toBe(false);
});

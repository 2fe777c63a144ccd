import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { kendall, ranksOf, spearman, spearmanAt } from "./rank.ts";

/** Few different values, so that many are equal. */
const pairsOf = (least: number) =>
  fc.array(fc.tuple(fc.integer({ min: -4, max: 4 }), fc.integer({ min: -4, max: 4 })), {
    minLength: least,
    maxLength: 40,
  });
const sides = (pairs: [number, number][]) => [pairs.map(([a]) => a), pairs.map(([, b]) => b)] as const;

/** Tau-b by its definition: every pair is looked at. */
function kendallOfAllPairs(a: readonly number[], b: readonly number[]): number {
  let [sum, inA, inB] = [0, 0, 0];
  for (let i = 0; i < a.length; i++) {
    for (let j = 0; j < i; j++) {
      const [x, y] = [Math.sign(a[i] - a[j]), Math.sign(b[i] - b[j])];
      sum += x * y;
      inA += Math.abs(x);
      inB += Math.abs(y);
    }
  }
  return sum / Math.sqrt(inA * inB);
}

test("equal values share the mean of their places, and infinite ones have places", () => {
  expect([...ranksOf([3, 1, 3, 2])]).toEqual([2.5, 0, 2.5, 1]);
  expect([...ranksOf([Infinity, 0, -Infinity, Infinity])]).toEqual([2.5, 1, 0, 2.5]);
});

describe("Spearman", () => {
  test("figures of scipy.stats.spearmanr, ties included", () => {
    expect(spearman([1, 2, 3, 4, 5], [5, 6, 7, 8, 7]).value).toBeCloseTo(0.8207826816681233, 14);
    expect(spearman([1, 1, 2, 3], [4, 3, 3, 1]).value).toBeCloseTo(-0.8333333333333334, 14);
  });

  test("does not change with what keeps the order, and turns with what turns it", () => {
    fc.assert(
      fc.property(pairsOf(2), (pairs) => {
        const [a, b] = sides(pairs);
        const { value, why } = spearman(a, b);
        const grown = a.map((x) => Math.exp(x));
        if (value === null) {
          expect(why).not.toBeNull();
          return;
        }
        expect(Math.abs(value)).toBeLessThanOrEqual(1);
        expect(spearman(grown, b).value).toBeCloseTo(value, 12);
        expect(spearman(b, a).value).toBeCloseTo(value, 12);
        expect(
          spearman(
            a.map((x) => -x),
            b,
          ).value,
        ).toBeCloseTo(-value, 12);
      }),
    );
  });
});

describe("Kendall's tau-b", () => {
  test("figures of scipy.stats.kendalltau", () => {
    expect(kendall([12, 2, 1, 12, 2], [1, 4, 7, 1, 0]).value).toBeCloseTo(-0.4714045207910316, 14);
  });

  test("is that of all pairs", () => {
    fc.assert(
      fc.property(pairsOf(2), (pairs) => {
        const [a, b] = sides(pairs);
        const { value } = kendall(a, b);
        if (value !== null) expect(value).toBeCloseTo(kendallOfAllPairs(a, b), 12);
      }),
    );
  });
});

describe("where there is no order", () => {
  const both = [spearman, kendall, (a: number[], b: number[]) => spearmanAt(a, b, 1)];
  test.each(both)("the answer is null, and says why", (of) => {
    expect(of([1, NaN, 3], [1, 2, NaN])).toEqual({ value: null, over: 3, why: "2 of 3 have no value on one side" });
    expect(of([1, 2, 3], [7, 7, 7])).toEqual({ value: null, over: 3, why: "all 3 values of one side are equal" });
    expect(of([1], [1])).toEqual({ value: null, over: 1, why: "1 value has no order" });
    expect(of([], [])).toEqual({ value: null, over: 0, why: "0 values have no order" });
    expect(() => of([1, 2], [1])).toThrow(RangeError);
  });

  test("what overflowed to infinity still has one", () => {
    expect(spearman([1, 2, Infinity], [0, 5, 9]).value).toBe(1);
    expect(kendall([-Infinity, 2, Infinity, Infinity], [0, 5, 9, 9]).value).toBe(1);
  });
});

describe("Spearman@k", () => {
  const scores = [10, 9, 8, 7, 6, 5, 4, 3, 2, 1];
  const truth = [1, 2, 3, 4, 5, 5, 4, 3, 2, 1];

  test("looks at what the scores put on top", () => {
    expect(spearmanAt(scores, truth, 0.5)).toEqual({ value: -1, over: 5, why: null });
    expect(spearmanAt(scores, truth, 0.5, "least")).toEqual({ value: 1, over: 5, why: null });
    expect(spearmanAt(scores, truth, 1)).toEqual(spearman(scores, truth));
    expect(spearmanAt(scores, truth, 0.1).why).toBe("the top 10 % of 10 are fewer than two");
  });

  test("takes all that are equal at the edge, in whatever order they come", () => {
    const tied = [4, 3, 3, 3, 1];
    expect(spearmanAt(tied, [1, 2, 3, 4, 5], 0.4).over).toBe(4);
    fc.assert(
      fc.property(pairsOf(5), fc.integer(), (pairs, turn) => {
        const by = ((turn % pairs.length) + pairs.length) % pairs.length;
        const turned = [...pairs.slice(by), ...pairs.slice(0, by)];
        const [a, b] = [sides(pairs), sides(turned)].map(([s, t]) => spearmanAt(s, t, 0.5));
        expect(b.over).toBe(a.over);
        if (a.value === null) expect(b.value).toBeNull();
        else expect(b.value).toBeCloseTo(a.value, 12);
      }),
    );
  });
});

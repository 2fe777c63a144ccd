/** SliM-LLM's pieces, by hand and against the same worked out again; its figures are claims of `testing/slim.ts`. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { definite, random } from "../../linalg/for-test.ts";
import { dense, inverse } from "../../linalg/index.ts";
import { normalValues } from "../../testing/matrix.ts";
import { klOfLogits } from "./kl.ts";
import { quantizeGroup, salientMask, searchRange } from "./quantizer.ts";
import { groupSalience, groupWidths, inverseDiagonal, outputs, quantizeByGroups, salienceOf } from "./salience.ts";

describe("salience", () => {
  it("is w^2 over the squared diagonal of the damped Hessian's inverse", async () => {
    const [n, tokens] = [24, 50];
    const gram = definite(n, 4);
    const h = dense(
      n,
      n,
      gram.values.map((x) => (2 * x) / tokens),
    );
    const mean = Array.from({ length: n }, (_, i) => h.values[i * (n + 1)]).reduce((sum, x) => sum + x / n, 0);
    for (let i = 0; i < n; i++) h.values[i * (n + 1)] += 0.01 * mean;
    const wanted = await inverse(h);
    const found = await inverseDiagonal(gram, tokens);
    found.forEach((d, i) => {
      expect(d / wanted.values[i * (n + 1)]).toBeCloseTo(1, 12);
    });
    expect([...salienceOf([3, -4, Number.NaN, 6], Float64Array.of(0.5, 2))]).toEqual([36, 4, 0, 9]);
  });

  it("has a diagonal where no input reaches a column, and where inputs are fewer than columns", async () => {
    const found = await inverseDiagonal(dense(3, 3, Float64Array.of(4, 4, 0, 4, 4, 0, 0, 0, 0)), 2);
    for (const d of found) expect(d > 0 && d < Number.POSITIVE_INFINITY).toBe(true);
  });

  it("of a group is the mean over rows and its own columns", () => {
    expect([...groupSalience(Float64Array.of(1, 2, 3, 10, 20, 30), 3, 2)]).toEqual([8.25, 16.5]);
    expect([...groupSalience(new Float64Array(0), 0, 2)]).toEqual([]);
  });
});

describe("widths of groups", () => {
  it("have the mean N over columns exactly, never more than one bit off, and no more KL than N everywhere", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 9 }),
        fc.integer({ min: 0, max: 7 }),
        fc.integer({ min: 2, max: 4 }),
        fc.integer({ min: 1, max: 1000 }),
        (groups, more, bits, seed) => {
          const cols = 8 * groups + more;
          const [weight, inputs] = [random(5, cols, seed), random(6, cols, seed + 1)];
          const salience = groupSalience(salienceOf(weight.values, new Float64Array(cols).fill(1)), cols, 8);
          const { bits: widths, kl, pairs } = groupWidths(weight, inputs, salience, bits, 8);
          const sum = widths.reduce((total, b, g) => total + b * (Math.min(cols, (g + 1) * 8) - 8 * g), 0);
          expect(sum).toBe(bits * cols);
          for (const b of widths) expect(Math.abs(b - bits)).toBeLessThanOrEqual(1);
          expect(widths.filter((b) => b < bits).length).toBe(pairs);
          expect(kl[pairs]).toBe(Math.min(...kl));
          // What was kept up to date step by step is what a fresh product gives.
          const fresh = klOfLogits(outputs(inputs, quantizeByGroups(weight, widths, 8)), outputs(inputs, weight));
          expect(Math.abs(fresh - kl[pairs])).toBeLessThanOrEqual(1e-9 * (1 + fresh));
        },
      ),
      { numRuns: 40 },
    );
  });

  it("raise what is salient and lower what is not", () => {
    const weight = random(16, 32, 3);
    const inputs = random(16, 32, 4);
    for (let i = 0; i < inputs.values.length; i++) if (i % 32 < 8) inputs.values[i] *= 20;
    const { bits } = groupWidths(weight, inputs, Float64Array.of(400, 1, 2, 3), 3, 8);
    expect(bits[0]).toBe(4);
    expect(bits[1]).toBe(2);
  });

  it("are refused where a bit less or more is no width", () => {
    for (const bits of [1, 8]) {
      expect(() => groupWidths(random(1, 8, 1), random(1, 8, 2), new Float64Array(1), bits, 8)).toThrow(
        `Groups get ${bits - 1} to ${bits + 1} bits; 1 to 8 are possible.`,
      );
    }
  });
});

describe("KL of logits", () => {
  it("is 0 for logits that differ by a constant, and p ln(p / q) by hand", () => {
    const [a, b] = [dense(1, 2, Float64Array.of(1000, 1001)), dense(1, 2, Float64Array.of(-3, -2))];
    expect(klOfLogits(a, b)).toBeCloseTo(0, 12);
    const half = dense(1, 2, Float64Array.of(0, 0));
    const quarter = dense(1, 2, Float64Array.of(0, Math.log(3)));
    expect(klOfLogits(half, quarter)).toBeCloseTo(0.5 * Math.log(2) + 0.5 * Math.log(2 / 3), 12);
    expect(klOfLogits(dense(0, 2), dense(0, 2))).toBe(0);
  });
});

describe("quantizers", () => {
  it("of one bit are the row's mean, plus or minus the mean magnitude; what is the mean stays there", () => {
    expect([...quantizeGroup(dense(1, 4, Float64Array.of(1, -1, 4, 0)), 0, 4, 1).values]).toEqual([1, -0.5, 2.5, -0.5]);
  });

  it("of two bits are affine, with a level at zero, and ties to even", () => {
    expect([...quantizeGroup(dense(1, 5, Float64Array.of(-1, 2, 0, 0.5, 1.4)), 0, 5, 2).values]).toEqual([
      -1, 2, 0, 0, 1,
    ]);
    expect([...quantizeGroup(dense(1, 3), 0, 3, 2).values].map(Math.abs)).toEqual([0, 0, 0]);
  });

  it("with a searched range are never worse than without, and are within a tenth of it", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 10_000 }), fc.integer({ min: 2, max: 4 }), (seed, bits) => {
        const row = Float64Array.from(normalValues(32, seed));
        const mask = salientMask(row.map((x) => x * x));
        const { error, errorAtOne, factor, result } = searchRange(row, mask, bits);
        expect(error).toBeLessThanOrEqual(errorAtOne);
        expect(Math.abs(factor - 1)).toBeLessThanOrEqual(0.1 + 1e-12);
        const again = result.reduce((sum, y, i) => sum + Math.abs(y - row[i]) ** 2.4, 0);
        expect(error).toBeCloseTo(again, 12);
      }),
      { numRuns: 40 },
    );
  });

  it("take what is two deviations out for salient, and nothing of what is all the same", () => {
    const salience = Float64Array.from({ length: 50 }, (_, i) => (i === 7 ? 100 : i === 8 ? 90 : 1));
    expect([...salientMask(salience).entries()].filter(([, m]) => m).map(([i]) => i)).toEqual([7, 8]);
    expect(salientMask(new Float64Array(9).fill(2)).some((m) => m === 1)).toBe(false);
    expect(salientMask(new Float64Array(0))).toHaveLength(0);
  });
});

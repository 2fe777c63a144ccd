import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { normalValues } from "../../testing/matrix.ts";
import { layersOf } from "../testing/mixdq.ts";
import { bestWidths, FACTORS, mostSensitive, quantizeTokens, scanFactors, shareBits } from "./mixdq.ts";
import { similarity } from "./similarity.ts";

describe("structural similarity", () => {
  it("is 1 of equal vectors, less of others, and below 0 of opposite ones", () => {
    const x = normalValues(64, 1);
    expect(similarity(x, x)).toBe(1);
    const near = similarity(
      x,
      x.map((v, i) => v + 0.1 * Math.sin(i)),
    )!;
    const far = similarity(
      x,
      x.map((v, i) => v + 2 * Math.sin(i)),
    )!;
    expect(near).toBeGreaterThan(0.95);
    expect(far).toBeLessThan(near);
    const mean = x.reduce((sum, v) => sum + v / 64, 0);
    expect(
      similarity(
        x,
        x.map((v) => 2 * mean - v),
      ),
    ).toBeLessThan(-0.9);
  });

  it("by hand: 0 and 2 against 0 and 4", () => {
    const [c1, c2] = [0.02 ** 2, 0.06 ** 2];
    expect(similarity([0, 2], [0, 4])).toBeCloseTo(((4 + c1) / (5 + c1)) * ((4 + c2) / (5 + c2)), 12);
  });

  it("of constants, nothing, and what is not finite", () => {
    expect(similarity([3, 3], [3, 3])).toBe(1);
    expect(similarity([0, 0], [0, 0])).toBe(1);
    expect(similarity([], [])).toBeNull();
    expect(similarity([1, 2], [1])).toBeNull();
    expect(similarity([1, 2], [1, Number.NaN])).toBeNull();
    expect(similarity([1, Number.POSITIVE_INFINITY], [1, 2])).toBeNull();
  });
});

describe("shares of bits", () => {
  it("have the mean asked for, and k times as many in one group", () => {
    fc.assert(
      fc.property(
        fc.double({ min: 2, max: 8, noNaN: true }),
        fc.double({ min: 0.1, max: 5, noNaN: true }),
        fc.constantFrom(...FACTORS),
        (mean, ratio, k) => {
          const { quality, content } = shareBits(mean, ratio, k);
          expect((content * ratio + quality) / (1 + ratio)).toBeCloseTo(mean, 9);
          expect(content / quality).toBeCloseTo(k, 9);
        },
      ),
    );
  });

  it("leave out factors that a group's widths do not reach", () => {
    expect(FACTORS[0]).toBeCloseTo(0.46, 12);
    expect(FACTORS[9]).toBeCloseTo(1.36, 12);
    expect(scanFactors(8, 1).every(({ quality, content }) => quality <= 8 && content <= 8)).toBe(true);
    expect(scanFactors(8, 1).length).toBeLessThan(10);
  });
});

describe("the best widths", () => {
  it("are those of brute force", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 6 }),
        fc.integer({ min: 1, max: 1000 }),
        fc.double({ min: 2, max: 8, noNaN: true }),
        (count, seed, target) => {
          const widths = [2, 4, 8];
          const items = layersOf(count, widths, seed);
          const elements = items.reduce((sum, item) => sum + item.elements, 0);
          let best = Number.NEGATIVE_INFINITY;
          for (let n = 0; n < 3 ** count; n++) {
            const choice = items.map((_, i) => Math.floor(n / 3 ** i) % 3);
            const mean = choice.reduce((sum, c, i) => sum + widths[c] * items[i].elements, 0) / elements;
            if (Math.abs(mean - target) > 0.2) continue;
            best = Math.max(
              best,
              choice.reduce((sum, c, i) => sum + items[i].metric[c], 0),
            );
          }
          const found = bestWidths(items, widths, target, 0.2);
          if (found === null) expect(best).toBe(Number.NEGATIVE_INFINITY);
          else {
            expect(found.metric).toBeCloseTo(best, 9);
            expect(Math.abs(found.mean - target)).toBeLessThanOrEqual(0.2 + 1e-12);
            const again = found.width.reduce((sum, w, i) => sum + items[i].metric[widths.indexOf(w)], 0);
            expect(again).toBeCloseTo(found.metric, 9);
          }
        },
      ),
      { numRuns: 60 },
    );
  });

  it("are none of nothing, out of reach, or where a metric is missing; the worst keep full precision", () => {
    expect(bestWidths([], [4, 8], 4)).toBeNull();
    expect(bestWidths(layersOf(3, [4, 8], 1), [4, 8], 3)).toBeNull();
    expect(bestWidths([{ elements: 4, metric: [Number.NaN, 1] }], [4, 8], 8)).toMatchObject({ width: [8] });
    expect(bestWidths([{ elements: 4, metric: [Number.NaN, 1] }], [4, 8], 4)).toBeNull();
    expect(mostSensitive([3, 1, 2].map((m) => ({ elements: 1, metric: [m] })))).toEqual([1]);
  });
});

describe("a range without the first tokens", () => {
  it("leaves them as they are, and what is not finite out", () => {
    const x = Float32Array.of(100, -100, 1, -1, 0.5, Number.NaN);
    const found = quantizeTokens(x, 2, 8, 1);
    expect([...found.slice(0, 2)]).toEqual([100, -100]);
    expect(Math.abs(found[2] - 1)).toBeLessThan(0.01);
    expect(Number.isNaN(found[5])).toBe(true);
    expect([...quantizeTokens(new Float32Array(4), 2, 8, 1)]).toEqual([0, 0, 0, 0]);
  });
});

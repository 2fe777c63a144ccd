import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { random } from "../../linalg/for-test.ts";
import { dense } from "../../linalg/index.ts";
import { normalValues } from "../../testing/matrix.ts";
import { channelRanges, foldRanges } from "./fold.ts";
import { bitsByScore, inputRelevance, relevanceOf } from "./relevance.ts";

describe("relevance", () => {
  it("by hand: outputs 2 and 3 of inputs 1 and 2", () => {
    const weight = dense(2, 2, Float64Array.of(2, 0, 1, 1));
    const { at, scores } = relevanceOf([{ weight }], dense(1, 2, Float64Array.of(1, 2)), 0);
    expect([...at[1].values]).toEqual([2, 3]);
    expect([...at[0].values]).toEqual([2 + 1, 2]);
    expect(scores).toEqual([1]);
  });

  it("is conserved as epsilon goes to 0, without a bias", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 10_000 }), fc.integer({ min: 1, max: 4 }), (seed, depth) => {
        const layers = Array.from({ length: depth }, (_, l) => ({
          weight: random(6, 6, seed + l),
          relu: l + 1 < depth,
        }));
        const { at, scores } = relevanceOf(layers, random(3, 6, seed + 9), 1e-13);
        const sums = at.map(({ values }) => values.reduce((sum, r) => sum + r, 0));
        const most = Math.max(...at.map(({ values }) => values.reduce((sum, r) => sum + Math.abs(r), 0)));
        for (const sum of sums) expect(Math.abs(sum - sums[depth])).toBeLessThanOrEqual(1e-7 * most);
        expect(scores.reduce<number>((sum, s) => sum + s!, 0)).toBeCloseTo(1, 9);
      }),
      { numRuns: 40 },
    );
  });

  it("is lost to a bias and to an epsilon", () => {
    const layer = { weight: random(4, 4, 1), bias: Float64Array.of(3, 3, 3, 3) };
    const sum = (of: { values: Float64Array }) => of.values.reduce((total, r) => total + r, 0);
    const { at } = relevanceOf([layer], random(2, 4, 2), 0);
    expect(Math.abs(sum(at[0]) / sum(at[1]) - 1)).toBeGreaterThan(0.1);
    const wide = relevanceOf([{ weight: layer.weight }], random(2, 4, 2), 10);
    expect(Math.abs(sum(wide.at[0]))).toBeLessThan(Math.abs(sum(wide.at[1])));
  });

  it("is gradient times weight, summed over tokens, where layers are linear or rectified", () => {
    const sizes = [7, 9, 5, 4];
    const layers = sizes.slice(1).map((rows, l) => ({ weight: random(rows, sizes[l], 20 + l), relu: l < 2 }));
    const tokens = 6;
    const { at } = relevanceOf(layers, random(tokens, 7, 3), 1e-13);
    // Forward, and the gradients of the sum of all outputs backwards.
    const inputs = [random(tokens, 7, 3)];
    for (const { weight, relu } of layers) {
      const x = inputs[inputs.length - 1];
      inputs.push(
        dense(
          tokens,
          weight.rows,
          Float64Array.from({ length: tokens * weight.rows }, (_, i) => {
            const [t, k] = [Math.floor(i / weight.rows), i % weight.rows];
            let z = 0;
            for (let j = 0; j < weight.cols; j++)
              z += x.values[t * weight.cols + j] * weight.values[k * weight.cols + j];
            return relu && z < 0 ? 0 : z;
          }),
        ),
      );
    }
    let delta: Float64Array = new Float64Array(tokens * 4).fill(1);
    for (let l = layers.length - 1; l >= 0; l--) {
      const { rows, cols, values } = layers[l].weight;
      const gradient = new Float64Array(rows * cols);
      const before = new Float64Array(tokens * cols);
      for (let t = 0; t < tokens; t++) {
        for (let k = 0; k < rows; k++) {
          const d = layers[l].relu && inputs[l + 1].values[t * rows + k] <= 0 ? 0 : delta[t * rows + k];
          for (let j = 0; j < cols; j++) {
            gradient[k * cols + j] += d * inputs[l].values[t * cols + j];
            before[t * cols + j] += d * values[k * cols + j];
          }
        }
      }
      inputRelevance(values, gradient, cols).forEach((r, j) => {
        let wanted = 0;
        for (let t = 0; t < tokens; t++) wanted += at[l].values[t * cols + j];
        expect(Math.abs(r - wanted), `layer ${l}, channel ${j}`).toBeLessThan(1e-8 * (1 + Math.abs(wanted)));
      });
      delta = before;
    }
  });

  it("of zeros, of no tokens and of what is not finite has no scores", () => {
    const weight = random(3, 3, 1);
    expect(relevanceOf([{ weight }], dense(2, 3)).scores).toEqual([null]);
    expect(relevanceOf([{ weight }], dense(0, 3)).scores).toEqual([null]);
    expect(relevanceOf([{ weight }], dense(1, 3, Float64Array.of(1, Number.NaN, 1))).scores).toEqual([null]);
    expect(relevanceOf([], dense(1, 3)).scores).toEqual([]);
    expect(() => relevanceOf([{ weight }], dense(1, 2))).toThrow("Layer 0 takes 3 inputs, and is given 2.");
  });
});

describe("bits by score", () => {
  it("give more to higher scores, and keep to the mean", () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 12 }),
        fc.constantFrom(4, 5, 6, 8),
        (scores, mean) => {
          const bits = bitsByScore(
            scores.map((score) => ({ score, elements: 10 })),
            [8, 4, 6],
            mean,
          );
          expect(bits.reduce((sum, b) => sum + b, 0)).toBeLessThanOrEqual(mean * scores.length * (1 + 1e-12));
          scores.forEach((a, i) => {
            scores.forEach((b, j) => {
              if (a > b) expect(bits[i]).toBeGreaterThanOrEqual(bits[j]);
            });
          });
        },
      ),
    );
  });

  it("spend all that they may, leave what has no score, and refuse a budget below the least", () => {
    const items = [0.1, 0.5, 0.3, null].map((score) => ({ score, elements: 10 }));
    expect(bitsByScore(items, [4, 8], 6)).toEqual([4, 8, 8, 4]);
    expect(bitsByScore(items, [4, 8], 8)).toEqual([8, 8, 8, 4]);
    expect(() => bitsByScore(items, [4, 8], 3)).toThrow("A mean of 3 bits is below 4, the least there is.");
    expect(bitsByScore([], [4, 8], 6)).toEqual([]);
  });
});

describe("ranges of channels", () => {
  const [tokens, cols] = [500, 6];
  const rows = normalValues(tokens * cols, 3).map((x, i) => (x + 1) * 2 ** (i % cols));

  it("are cut at the percentile, and hold all at 100", () => {
    const [cut, whole] = [channelRanges(rows, cols, 8, 99), channelRanges(rows, cols, 8, 100)];
    for (let c = 0; c < cols; c++) {
      const column = Array.from({ length: tokens }, (_, t) => rows[t * cols + c]);
      const range = Math.max(...column) - Math.min(...column);
      expect(whole.scale[c]).toBeCloseTo(range / 255, 6);
      expect(cut.scale[c]).toBeLessThan(0.95 * whole.scale[c]);
    }
  });

  it("of one value, and of no tokens, have a step", () => {
    expect([...channelRanges(new Float32Array(8).fill(3), 2, 4).scale]).toEqual([1, 1]);
    expect([...channelRanges(new Float32Array(0), 2, 4).scale]).toEqual([1, 1]);
  });

  it("are one range after folding: every channel's values fall on the codes of its own", () => {
    const ranges = channelRanges(rows, cols, 8);
    const norm = { gamma: Float64Array.from({ length: cols }, (_, c) => 2 ** c), beta: new Float64Array(cols).fill(1) };
    const folded = foldRanges(ranges, norm, random(3, cols, 2), new Float64Array(3));
    for (let c = 0; c < cols; c++) {
      const x = norm.gamma[c] * 0.3 + norm.beta[c];
      const y = folded.gamma[c] * 0.3 + folded.beta[c];
      expect(y / folded.scale + folded.zero).toBeCloseTo(x / ranges.scale[c] + ranges.zero[c], 9);
    }
  });
});

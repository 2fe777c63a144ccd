import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { calibrationOf } from "../../steps/solving/recipes-for-test.ts";
import { normalValues } from "../../testing/matrix.ts";
import { layersOf } from "../testing/mixllm.ts";
import { chooseByLayer, chooseGlobally, fastFloat, fisherRows, outputRows } from "./rows.ts";

describe("losses of rows", () => {
  it("are |s + s^2 / 2|, the mean over samples", () => {
    // Row 0: s is 1 and -2; row 1: 0 and 3.
    const gradients = [
      [1, 1, 0, 0],
      [-2, 0, 1, 2],
    ];
    const found = fisherRows(gradients, [1, 0, 1, 1], 2);
    expect([...found]).toEqual([(1.5 + 0) / 2, (0 + 7.5) / 2]);
  });

  it("are NaN of what is not finite, and nothing of nothing", () => {
    expect([...fisherRows([[Number.NaN, 1]], [1, 1], 1)]).toEqual([Number.NaN, 1.5]);
    expect(fisherRows([], [], 0)).toHaveLength(0);
  });
});

it("without gradients, losses of rows are half their outputs' squared errors a token", async () => {
  const [rows, cols, tokens] = [5, 8, 30];
  const [values, inputs] = [normalValues(rows * cols, 1), normalValues(tokens * cols, 2)];
  const results = values.map((x) => Math.round(2 * x) / 2);
  const found = await outputRows(values, results, calibrationOf(inputs, cols).gram!, tokens);
  for (let r = 0; r < rows; r++) {
    let wanted = 0;
    for (let t = 0; t < tokens; t++) {
      let e = 0;
      for (let c = 0; c < cols; c++) e += inputs[t * cols + c] * (values[r * cols + c] - results[r * cols + c]);
      wanted += (e * e) / 2 / tokens;
    }
    expect(found[r] / wanted).toBeCloseTo(1, 9);
  }
});

describe("rows in eight bits", () => {
  it("chosen from all layers lose no more than those of each layer, at as many bits", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 100_000 }), fc.constantFrom(0, 0.1, 0.2, 0.5, 1), (seed, share) => {
        const layers = layersOf(seed);
        const [global, own] = [chooseGlobally(layers, share), chooseByLayer(layers, share)];
        expect(global.bitsPerWeight).toBeCloseTo(own.bitsPerWeight, 12);
        expect(global.loss).toBeLessThanOrEqual(own.loss * (1 + 1e-12));
      }),
      { numRuns: 40 },
    );
  });

  it("take what is not known first, and the first of equals", () => {
    const layers = [
      { cols: 2, loss: Float64Array.of(5, 1) },
      { cols: 6, loss: Float64Array.of(Number.NaN, 5) },
    ];
    const { high, bitsPerWeight, loss } = chooseGlobally(layers, 0.5);
    expect(high.map((of) => [...of])).toEqual([
      [1, 0],
      [1, 0],
    ]);
    // Rows are of different lengths: bits are counted by weights, 8 of 16.
    expect([bitsPerWeight, loss]).toEqual([6, 6]);
    expect(chooseGlobally([], 0.1)).toEqual({ high: [], loss: 0, bitsPerWeight: 0 });
  });
});

it("an integer becomes a float by two additions, below 2^22, and no longer there", () => {
  for (const v of [0, 1, -1, 12345, -54321, 2 ** 22 - 1, 1 - 2 ** 22]) expect(fastFloat(v)).toBe(v);
  expect(fastFloat(2 ** 23)).not.toBe(2 ** 23);
});

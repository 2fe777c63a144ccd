import { describe, expect, test } from "vitest";
import { referenceBackend } from "../backends/reference/backend.ts";
import { givenIndex } from "../notation/given.ts";
import { parseRecipe } from "../notation/index.ts";
import { matrixOf, normalValues, planOf, quantizeText } from "../testing/matrix.ts";
import { type Given, planGiven, quantizeGiven } from "./given.ts";

const ROWS = 24;
const COLS = 40;
const x = normalValues(ROWS * COLS, 5);
x[7] = 0;
x[50] = Number.NaN;
const options = { backend: referenceBackend, checkpoint: async () => {}, now: () => 0, tileElements: 5 * COLS };

const given = (values: Float32Array, rows = ROWS, cols = COLS): Given => ({
  matrix: matrixOf(values, rows, cols, "w"),
  bitsPerWeight: 4.5,
  what: "as stored",
});

async function dequantized(recipe: string): Promise<Float32Array> {
  return (await (await quantizeText(recipe, x, ROWS, COLS)).rows(0, ROWS)).result;
}

test("which checkpoint a recipe takes its results from", () => {
  expect(givenIndex(parseRecipe("given"))).toBe(0);
  expect(givenIndex(parseRecipe("given(3)"))).toBe(2);
  expect(givenIndex(parseRecipe("given(2,bits=3.4)"))).toBe(1);
  expect(givenIndex(parseRecipe("int4/32"))).toBeNull();
});

describe("what another program dequantized has the figures of the recipe that made it", () => {
  test.each(["int4/8:f16", "nvfp4", "e4m3", "f32"])("%s", async (recipe) => {
    const made = await quantizeText(recipe, x, ROWS, COLS);
    const result = await dequantized(recipe);
    const its = given(result);
    const held = await quantizeGiven(
      matrixOf(x, ROWS, COLS),
      planGiven(planOf("given", ROWS, COLS), its),
      its,
      options,
    );
    const figures = ({ mse, nmse, maxAbs, meanAbs, cosine, bias, flushed, nonFinite }: typeof made.report.metrics) => ({
      mse,
      nmse,
      maxAbs,
      meanAbs,
      cosine,
      bias,
      flushed,
      nonFinite,
    });
    const [a, b] = [figures(made.report.metrics), figures(held.report.metrics)];
    for (const key of ["maxAbs", "flushed", "nonFinite"] as const) expect(b[key]).toBe(a[key]);
    for (const key of ["mse", "nmse", "meanAbs", "cosine", "bias"] as const) expect(b[key]).toBeCloseTo(a[key]!, 9);
    expect(held.report.errors).toEqual(made.report.errors);
    expect(held.report.values).toEqual(made.report.values);
    expect(held.report.metrics.bitsPerWeight).toBe(4.5);
    expect(held.report.codes).toBeNull();
    expect((await held.rows(3, 9)).result).toEqual(result.slice(3 * COLS, 9 * COLS));
    const there = await held.inspect(2, 11);
    expect(there.result).toBe(result[2 * COLS + 11]);
    expect(there.error).toBe(Math.fround(x[2 * COLS + 11] - result[2 * COLS + 11]));
  });
});

test("bits that were declared come before those of the file", () => {
  const plan = planGiven(planOf("given(bits=3.25)", ROWS, COLS), given(x));
  expect(plan.bits).toEqual([{ what: "declared", bitsPerWeight: 3.25 }]);
});

test("results of another shape, or behind steps, are refused", () => {
  expect(() => planGiven(planOf("given", ROWS, COLS), given(x, COLS, ROWS))).toThrow(
    "w of the other checkpoint is 40 x 24, this tensor 24 x 40",
  );
  expect(() => planGiven(planOf("rht(8,seed=1)+given", ROWS, COLS), given(x))).toThrow(
    "given results are taken as they are: no steps go before them",
  );
  expect(() => planOf("given/32", ROWS, COLS)).toThrow("nothing may be set after it");
});

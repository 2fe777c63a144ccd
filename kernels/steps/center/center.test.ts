import fc from "fast-check";
import { expect, it } from "vitest";
import { matrices } from "../../testing/cases.ts";
import { normalValues, planOf, quantizeText } from "../../testing/matrix.ts";

const offset = (rows: number, cols: number) =>
  normalValues(rows * cols, 2).map((x, i) => x + 40 * ((i % cols) - cols / 2));

it("leaves what it takes off to be added again: columns with offsets quantize as if they had none", async () => {
  const [rows, cols] = [64, 32];
  const mse = async (recipe: string) =>
    (await quantizeText(recipe, offset(rows, cols), rows, cols)).report.metrics.mse!;
  expect(await mse("center(means=(f32))+int4/16")).toBeLessThan(mseOfGaussian);
  expect(await mse("int4/16")).toBeGreaterThan(100 * mseOfGaussian);
  expect(await mse("center(row)+int4/16")).toBeGreaterThan(100 * mseOfGaussian);
});

/** INT4 in blocks of 16 Gaussian values: 0.0072 in `normal.golden.test.ts`, and a third more. */
const mseOfGaussian = 0.0096;

it("counts the means, in the recipe that stores them", async () => {
  const bits = async (recipe: string) =>
    (await quantizeText(recipe, offset(8, 32), 8, 32)).report.metrics.bitsPerWeight;
  expect(await bits("center+f32")).toBeCloseTo(32 + 16 / 8, 12);
  expect(await bits("center(row)+f32")).toBeCloseTo(32 + 16 / 32, 12);
  expect(await bits("center(means=(f32))+f32")).toBeCloseTo(32 + 32 / 8, 12);
  expect(planOf("center(by=col)+int4/16", 2, 32).text).toBe("center+int4/16");
});

it("keeps what is not finite where it is, and comes back to the rounding of the sums", async () => {
  await fc.assert(
    fc.asyncProperty(matrices, fc.constantFrom("col", "row"), async ({ rows, cols, values }, by) => {
      const { rows: read } = await quantizeText(`center(${by},means=(f32))+f32`, values, rows, cols);
      const { result } = await read(0, rows);
      const amax = values.reduce((m, x) => (Math.abs(x) < Infinity ? Math.max(m, Math.abs(x)) : m), 0);
      result.forEach((y, i) => {
        if (values[i] - values[i] !== 0) expect(y).toBe(values[i]);
        // Beyond half of float32's range a difference may be none.
        else if (amax < 1e38) expect(Math.abs(y - values[i])).toBeLessThanOrEqual(3e-7 * amax);
      });
    }),
    { numRuns: 60 },
  );
});

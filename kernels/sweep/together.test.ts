import { describe, expect, it } from "vitest";
import { matrixOf, normalValues, planOf } from "../testing/matrix.ts";
import { referenceSweep, signalsOf, sweepMatrix, type TensorFigures, together } from "./index.ts";

const options = { backend: referenceSweep, pace: async () => {}, phases: 0 };
const COLS = 32;

/** The figures of a recipe on values in rows. */
async function figures(text: string, values: Float32Array) {
  const rows = values.length / COLS;
  const [{ metrics }] = await sweepMatrix(matrixOf(values, rows, COLS), [planOf(text, rows, COLS)], options);
  return metrics;
}

/** The figures of tensors as one, and of one tensor that holds them all. */
async function both(text: string, tensors: readonly Float32Array[], others: readonly string[] = []) {
  const points: TensorFigures[] = [];
  for (const recipe of [text, ...others])
    for (const [target, values] of tensors.entries()) points.push({ target, metrics: await figures(recipe, values) });
  const elements = (target: number) => tensors[target].length;
  const added = together(points.slice(0, tensors.length), elements, signalsOf(points, elements));
  return { added, whole: await figures(text, Float32Array.from(tensors.flatMap((values) => [...values]))) };
}

/** Terms are rounded to float32 before they are added, so that cosine and bias, found from the others, are as exact as these. */
const close = (a: number | null, b: number | null) =>
  b === null || a === null ? expect(a).toBe(b) : expect(a).toBeCloseTo(b, 6);

describe("tensors together", () => {
  const tensors = [normalValues(2 * COLS), normalValues(3 * COLS).map((x) => 5 * x), normalValues(COLS)];

  it("have the figures of one tensor that holds them all", async () => {
    for (const text of ["int4/32", "e2m1", "int8/row:f16"]) {
      const { added, whole } = await both(text, tensors);
      for (const key of Object.keys(whole) as (keyof typeof whole)[]) close(added[key], whole[key]);
    }
  });

  it("are not lost to one of zeros, which has no ratio of its own", async () => {
    const { added, whole } = await both("int4/32", [...tensors, new Float32Array(COLS)]);
    expect(added.nmse).not.toBeNull();
    close(added.nmse, whole.nmse);
    close(added.cosine, whole.cosine);
    const zeros = await both("int4/32", [new Float32Array(COLS), new Float32Array(COLS)]);
    expect([zeros.added.nmse, zeros.added.sqnrDb, zeros.added.bias]).toEqual([null, null, null]);
    expect(zeros.added.mse).toBe(0);
  });

  it("that are exact have an error of zero, whatever the signal is", async () => {
    const { added } = await both("f32", tensors);
    expect([added.nmse, added.sqnrDb, added.mse]).toEqual([0, null, 0]);
    // Another recipe tells of the signal.
    expect((await both("f32", tensors, ["int4/32"])).added.cosine).toBeCloseTo(1, 12);
  });
});

import { describe, expect, it } from "vitest";
import { sweepMetricNames } from "../measure/metrics/index.ts";
import { matrixOf, normalValues, planOf } from "../testing/matrix.ts";
import { referenceSweep, sweepMatrix, together } from "./index.ts";

const options = { backend: referenceSweep, pace: async () => {}, phases: 0 };
const COLS = 32;

async function outcome(text: string, values: Float32Array) {
  const rows = values.length / COLS;
  const [found] = await sweepMatrix(matrixOf(values, rows, COLS), [planOf(text, rows, COLS)], options);
  return found;
}

/** The figures of tensors as one, and of one tensor that holds them all. */
async function both(text: string, tensors: readonly Float32Array[]) {
  const points = await Promise.all(tensors.map((values) => outcome(text, values)));
  const whole = await outcome(text, Float32Array.from(tensors.flatMap((values) => [...values])));
  return { added: together(points), whole: whole.metrics };
}

const close = (a: number | null | undefined, b: number | null | undefined, name: string) =>
  typeof a !== "number" || typeof b !== "number"
    ? expect(a, name).toBe(b)
    : expect(Math.abs(a - b), `${name}: ${a}, wanted ${b}`).toBeLessThanOrEqual(1e-12 * Math.max(1, Math.abs(b)));

describe("tensors together", () => {
  const tensors = [normalValues(2 * COLS), normalValues(3 * COLS).map((x) => 5 * x), normalValues(COLS)];

  it("have the figures of one tensor that holds them all, whatever some of them are", async () => {
    const zeros = new Float32Array(COLS);
    const holed = normalValues(COLS).map((x, i) => (i === 3 ? Number.NaN : x));
    const beyond = normalValues(COLS).map((x, i) => (i < 2 ? 1e6 : x));
    for (const text of ["int4/32", "e2m1", "int8/row:f16", "e4m3(sat=inf)", "f32"]) {
      const { added, whole } = await both(text, [...tensors, zeros, holed, beyond]);
      for (const name of sweepMetricNames) close(added[name], whole[name], `${name} of ${text}`);
    }
  });

  it("leave out what failed, and have no figures of errors where nothing is left or nothing was there", async () => {
    const one = await outcome("int4/32", tensors[0]);
    expect(together([one, { measured: null }])).toEqual(together([one]));
    expect(together([])).toMatchObject({ mse: null, nmse: null, sqnrDb: null, bitsPerWeight: 0 });
    const zeros = await both("int4/32", [new Float32Array(COLS), new Float32Array(COLS)]);
    expect(zeros.added).toMatchObject({ nmse: null, sqnrDb: null, bias: null, mse: 0 });
  });

  it("that are exact have an error of zero, and a direction", async () => {
    const { added } = await both("f32", tensors);
    expect(added).toMatchObject({ nmse: 0, sqnrDb: null, mse: 0, cosine: expect.closeTo(1, 12) });
  });
});

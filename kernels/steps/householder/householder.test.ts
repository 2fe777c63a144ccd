import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { normalValues, planOf, quantizeText } from "../../testing/matrix.ts";
import type { StepJob } from "../step.ts";
import { work } from "./work.ts";

const params = { k: 2, seed: 5, stream: 256 };
const job = { checkpoint: async () => {} } as unknown as StepJob;
const rowsOf = (values: Float32Array, cols: number) => ({ row0: 0, rows: values.length / cols, cols, values });

/** The largest magnitude over the root of the mean square. */
const peak = (x: Float32Array) =>
  x.reduce((m, v) => Math.max(m, Math.abs(v)), 0) / Math.sqrt(x.reduce((s, v) => s + v * v, 0) / x.length);

/** Gaussian rows in which some columns are a hundred times as loud. */
function loud(rows: number, cols: number, columns: readonly number[]): Float32Array {
  return normalValues(rows * cols, 8).map((x, i) => (columns.includes(i % cols) ? 100 * x : x));
}

describe("reflections", () => {
  it("come back to a millionth of the row's largest value", async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 6 }), fc.integer({ min: 1, max: 40 }), async (k, cols) => {
        const x = normalValues(3 * cols, k * 100 + cols);
        const fitted = await work.fit({ ...params, k: Math.min(k, cols) }, rowsOf(x, cols), job);
        const y = work.inverse(fitted, rowsOf(work.forward(fitted, rowsOf(x, cols)), cols));
        const amax = x.reduce((m, v) => Math.max(m, Math.abs(v)), 0);
        y.forEach((v, i) => {
          expect(Math.abs(v - x[i])).toBeLessThan(1e-6 * amax);
        });
      }),
      { numRuns: 60 },
    );
  });

  it("spread one outlier of 100 among 1,024 values as a Hadamard rotation does", async () => {
    const x = normalValues(1024, 3);
    x[77] = 100;
    const fitted = await work.fit({ ...params, k: 1 }, rowsOf(x, 1024), job);
    expect(peak(x)).toBeGreaterThan(25);
    expect(peak(work.forward(fitted, rowsOf(x, 1024)))).toBeLessThan(3);
  });

  it("take as many loud columns as there are reflections, and no more", async () => {
    const x = loud(64, 512, [3, 100, 511]);
    const peakWith = async (k: number) => {
      const fitted = await work.fit({ ...params, k }, rowsOf(x, 512), job);
      return peak(work.forward(fitted, rowsOf(x, 512)));
    };
    expect(await peakWith(2)).toBeGreaterThan(2 * (await peakWith(3)));
    expect(await peakWith(3)).toBeLessThan(12);
  });

  it("leave rows with NaN as they are, and count their columns", async () => {
    const x = loud(4, 64, [9]);
    x[70] = Number.NaN;
    const { report, rows } = await quantizeText("householder(1,seed=0)+f32", x, 4, 64);
    const { result } = await rows(0, 4);
    expect(result.subarray(64, 128)).toEqual(x.subarray(64, 128));
    expect(report.metrics.bitsPerWeight).toBeCloseTo(32 + 6 / 256, 12);
  });

  it("keep products with inputs what they are", async () => {
    const [cols, tokens] = [24, 5];
    const [w, x] = [normalValues(2 * cols, 1), normalValues(tokens * cols, 2)];
    const fitted = await work.fit(params, rowsOf(w, cols), job);
    const turned = work.forward(fitted, rowsOf(w, cols));
    const inputs = Float64Array.from(x);
    const dual = work.dual!(fitted);
    if (dual.kind !== "rows") throw new Error("reflections work on rows");
    for (let t = 0; t < tokens; t++) dual.apply(inputs, t * cols, cols, 0);
    for (let t = 0; t < tokens; t++) {
      for (let r = 0; r < 2; r++) {
        let [before, behind] = [0, 0];
        for (let c = 0; c < cols; c++) {
          before += w[r * cols + c] * x[t * cols + c];
          behind += turned[r * cols + c] * inputs[t * cols + c];
        }
        expect(Math.abs(before - behind)).toBeLessThan(1e-4);
      }
    }
  });

  it("are no more than the columns", () => {
    expect(() => planOf("householder(9,seed=1)+int4/4", 2, 8)).toThrow(
      "householder(9) spreads more columns than the 8 there are",
    );
  });
});

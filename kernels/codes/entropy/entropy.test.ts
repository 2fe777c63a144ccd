import { describe, expect, it } from "vitest";
import { dense, eigh } from "../../linalg/index.ts";
import { calibrationOf, correlated, solve } from "../../steps/solving/recipes-for-test.ts";
import { normalValues, planOf, quantizeText } from "../../testing/matrix.ts";
import { powerOfTwo } from "./ecsq.ts";

const report = async (recipe: string, values: Float32Array, rows: number) =>
  (await quantizeText(recipe, values, rows, values.length / rows)).report;

describe("codes counted by entropy", () => {
  it("have the rate that is asked for, and the error of entropy-coded steps on a Gaussian", async () => {
    const x = normalValues(2 ** 16, 5);
    for (const rate of [1, 2, 3.5]) {
      const { metrics } = await report(`ecsq(${rate})`, x, 128);
      expect(Math.abs(metrics.bitsPerWeight - rate)).toBeLessThan(0.01);
      expect(metrics.bitsPerWeight).toBeCloseTo(metrics.codeEntropy! + 32 / 2 ** 16, 9);
      expect(metrics.bitsBreakdown!.map(({ what }) => what)).toContain(
        "codes, by their entropy: as an ideal coder would store them",
      );
      // No more than a quarter of a bit from 2^(-2R): pi e / 6 at high rates, less below.
      const gap = metrics.bitsPerWeight + Math.log2(metrics.nmse!) / 2;
      expect(gap).toBeGreaterThan(0.2);
      expect(gap).toBeLessThan(0.265);
    }
  });

  it("say where there are too few different values, and bear zeros and NaN", async () => {
    const two = Float32Array.from({ length: 64 }, (_, i) => (i % 2 === 0 ? 1 : -1));
    const said = await report("ecsq(3)", two, 4);
    expect(said.metrics.nmse).toBeLessThan(1e-12);
    expect(said.notes[0]).toContain("not enough different values for 3 bits");
    const zeros = new Float32Array(64);
    zeros[3] = Number.NaN;
    expect((await report("ecsq", zeros, 4)).metrics).toMatchObject({ broken: 0, nonFinite: 1 });
  });

  it("take powers of two from roots alone", () => {
    for (const x of [-13.3, -0.5, 0, 0.7, 5.999]) expect(powerOfTwo(x)).toBeCloseTo(2 ** x, 5);
  });
});

describe("WaterSIC", () => {
  const [rows, cols] = [2048, 32];
  const w = normalValues(rows * cols, 8);
  const known = calibrationOf(correlated(600, cols, 4), cols);

  /** The mean error of an output, and the least rate at which there may be such an error: by waterfilling over the eigenvalues. */
  async function gapOf(recipe: string): Promise<number> {
    const h = dense(
      cols,
      cols,
      known.gram!.values.map((x) => x / 600),
    );
    const eigenvalues = (await eigh(h)).values;
    const { result, report: said } = await solve(recipe, w, cols, known);
    let distortion = 0;
    const e = new Float64Array(cols);
    for (let r = 0; r < rows; r++) {
      for (let c = 0; c < cols; c++) e[c] = w[r * cols + c] - result[r * cols + c];
      for (let a = 0; a < cols; a++) for (let b = 0; b < cols; b++) distortion += e[a] * h.values[a * cols + b] * e[b];
    }
    distortion /= rows * cols;
    let [low, high] = [1e-12, 1e6];
    for (let i = 0; i < 200; i++) {
      const level = Math.sqrt(low * high);
      let sum = 0;
      for (const l of eigenvalues) sum += Math.min(level, Math.max(0, l)) / cols;
      if (sum > distortion) high = level;
      else low = level;
    }
    let limit = 0;
    for (const l of eigenvalues) limit += Math.max(0, Math.log2(l / high) / 2) / cols;
    return said.metrics.bitsPerWeight - limit;
  }

  it("comes within 0.255 bits of the limit at high rates, where one step for all columns does not", async () => {
    const units = 32 / rows;
    expect((await gapOf("watersic(4,damp=0)")) - units).toBeLessThan(0.265);
    expect(await gapOf("watersic(2.5,damp=0)")).toBeLessThan(0.36);
    expect(await gapOf("ecsq(4)")).toBeGreaterThan(0.6);
  });

  it("has the rate that is asked for, counts a unit a column, and needs a Gram matrix", async () => {
    const { report: said, quantized } = await solve("watersic(3)", w, cols, known);
    expect(Math.abs(said.metrics.bitsPerWeight - 3 - 32 / rows)).toBeLessThan(0.06);
    expect(said.metrics.broken).toBe(0);
    expect((await quantized.inspect(3, 4)).words!.map(({ what }) => what)).toContain("its unit");
    await expect(solve("watersic", w, cols, null)).rejects.toThrow("watersic needs");
    expect(() => planOf("ldlq+watersic", 32, 32)).toThrow(
      "watersic finds its codes for the whole matrix, so that ldlq has none to choose",
    );
  });
});

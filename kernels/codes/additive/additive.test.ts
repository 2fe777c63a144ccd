import { describe, expect, it } from "vitest";
import { calibrationOf, correlated, lossOf, solve } from "../../steps/solving/recipes-for-test.ts";
import { normalValues, planOf, quantizeText } from "../../testing/matrix.ts";

const x = normalValues(2 ** 16, 5);
const run = (recipe: string, values = x, rows = 128) => quantizeText(recipe, values, rows, values.length / rows);

describe("AQLM's sums of vectors", () => {
  it("lose less of a Gaussian than scalars at the same rate, residual or additive", async () => {
    const nmse = async (recipe: string) => (await run(recipe)).report.metrics.nmse!;
    // Residual k-means over many more vectors loses 0.327 at one book and 0.108 at two; Lloyd and Max 0.363 and 0.1175.
    expect(await nmse("aqlm(8,1,8,rounds=0)")).toBeLessThan(0.327);
    const residual = await nmse("aqlm(8,2,6,rounds=0,beam=1)");
    const beam = await nmse("aqlm(8,2,6,rounds=0)");
    const additive = await nmse("aqlm(8,2,6,rounds=3)");
    expect(beam).toBeLessThan(residual);
    expect(additive).toBeLessThan(beam);
    expect(additive).toBeLessThan(0.24);
    // 2^(-2R) at 1.5 bits is 0.125.
    expect(additive).toBeGreaterThan(0.125);
  });

  it("are what their codes say, counted with books and scales", async () => {
    const few = normalValues(4096, 3);
    const quantized = await run("aqlm(4,2,4,rounds=1)", few, 16);
    const { metrics, codes, notes } = quantized.report;
    expect(metrics.bitsPerWeight).toBe((2 * 4) / 4 + 16 / 256 + (2 * 16 * 4 * 16) / 4096);
    expect(codes!.counts.reduce((a, b) => a + b)).toBe(1024);
    expect(notes).toEqual(["aqlm: without a calibration all inputs count alike"]);
    const seen = await quantized.inspect(3, 21);
    const [first, second, scale] = seen.words!.map(({ value }) => value);
    const part = (text: string) => Number(text.split(": ")[1]);
    expect(Math.fround(Math.fround(part(first) + part(second)) * Number(scale))).toBe(seen.result);
    expect(seen.code).toBe(16 * Number.parseInt(first, 10) + Number.parseInt(second, 10));
    const again = await run("aqlm(4,2,4,rounds=1)", few, 16);
    expect((await again.rows(0, 16)).result).toEqual((await quantized.rows(0, 16)).result);
  });

  it("follow the Gram matrix of a calibration, and best the one that is meant", async () => {
    const [rows, cols] = [96, 64];
    const w = normalValues(rows * cols, 8);
    const own = calibrationOf(correlated(300, cols, 4), cols);
    const alike = calibrationOf(normalValues(300 * cols, 6), cols);
    const loss = async (recipe: string, known: typeof own | null) =>
      lossOf(w, (await solve(recipe, w, cols, known)).result, own);
    const recipe = "aqlm(4,2,4,rounds=3)";
    const [matched, other, none] = [await loss(recipe, own), await loss(recipe, alike), await loss(recipe, null)];
    expect(matched).toBeLessThan(0.6 * none);
    expect(matched).toBeLessThan(0.6 * other);
    expect(await loss("aqlm(4,2,4,rounds=0)", own)).toBeGreaterThan(matched);
  });

  it("say where a book has more vectors than there are, bear zeros and NaN, and refuse what does not fit", async () => {
    const few = normalValues(128, 7);
    few[9] = Number.NaN;
    few.fill(0, 64, 128);
    const { metrics, notes } = (await run("aqlm(8,1,8,rounds=1)", few, 4)).report;
    expect([metrics.nonFinite, metrics.broken]).toEqual([1, 0]);
    expect(notes[0]).toBe("the codebook has 256 vectors, and the tensor 16: it stores more than it codes");
    expect(() => planOf("aqlm(8,3,16)", 4, 64)).toThrow("do not go into the 32");
    expect(() => planOf("aqlm", 4, 20)).toThrow("vectors of 8 do not divide");
    expect(() => planOf("ldlq+aqlm", 4, 64)).toThrow("aqlm finds its codes for the whole matrix");
    expect(planOf("aqlm(8,2,8)", 4, 64).text).toBe("aqlm(seed=0)");
  });
});

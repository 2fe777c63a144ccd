import { describe, expect, it } from "vitest";
import { normalValues, planOf, quantizeText } from "../../testing/matrix.ts";

const results = async (values: Float32Array, recipe = "hif4", cols = values.length) =>
  Array.from(
    (await (await quantizeText(recipe, values, values.length / cols, cols)).rows(0, values.length / cols)).result,
  );

describe("HiF4", () => {
  it("keeps every value that its codes can stand for", async () => {
    for (const scale of [2 ** -48, 1.25, 1.5 * 2 ** 15]) {
      const values = new Float32Array(64);
      // The first eight double, their first four once more: up to 7; the rest lies on the finest grid.
      [7, -6, 1, 0, 3.5, -2, 0.5, 3].forEach((v, i) => {
        values[i] = v * scale;
      });
      for (let i = 8; i < 64; i++) values[i] = (((i * 5) % 15) - 7) * 0.25 * scale;
      expect(await results(values)).toEqual(Array.from(values));
    }
  });

  it("doubles from 4 and from 2 on, and saturates with the sign kept", async () => {
    const values = new Float32Array(64).fill(0.2);
    values[0] = 7;
    values[16] = 4;
    values[24] = 3.9;
    values[32] = 1.99;
    const out = await results(values);
    expect(out.slice(0, 2)).toEqual([7, 0]);
    // An eighth that reaches 4 is doubled, and of it the fourth that still reaches 2.
    expect([out[16], out[17], out[20]]).toEqual([4, 0, 0]);
    // One short of 4 is not; its fourth reaches 2, and is: quarters times 2, up to 3.5.
    expect([out[24], out[25], out[28]]).toEqual([3.5, 0, 0.25]);
    expect([out[32], out[33]]).toEqual([1.75, 0.25]);
    expect((await results(values.map((x) => -x))).map((x) => -x + 0)).toEqual(out.map((x) => x + 0));
  });

  it("rounds its scale to E6M2, ties to even, and keeps within its ends", async () => {
    const scaleOf = async (amax: number) => {
      const values = new Float32Array(64);
      values[0] = amax;
      const { words } = await (await quantizeText("hif4", values, 1, 64)).inspect(0, 0);
      return Number(words!.find(({ what }) => what.startsWith("scale"))!.value);
    };
    expect(await Promise.all([7, 7 * 1.125, 7 * 1.375, 7 * 1.3, 7 * 1.9].map(scaleOf))).toEqual([1, 1, 1.5, 1.25, 2]);
    expect(await Promise.all([0, 2 ** -60, 2 ** 20].map(scaleOf))).toEqual([2 ** -48, 2 ** -48, 1.5 * 2 ** 15]);
  });

  it("takes 4.5 bits, with what a short group wastes", async () => {
    const bits = (cols: number) =>
      planOf("hif4", 4, cols).bits.reduce((sum, { bitsPerWeight }) => sum + bitsPerWeight, 0);
    expect(bits(256)).toBe(4.5);
    expect(bits(60)).toBeCloseTo(4 + (8 + 8 + 15) / 60, 12);
    const { report } = await quantizeText("hif4", normalValues(4 * 60), 4, 60);
    expect(report.metrics.nmse!).toBeLessThan(0.01);
  });

  it("in the paper's bfloat16 gives what exact quotients give, but for a few codes", async () => {
    const values = normalValues(64 * 256, 3);
    const [own, paper] = [await results(values, "hif4", 256), await results(values, "hif4(by=bf16)", 256)];
    const apart = own.filter((y, i) => y !== paper[i]).length;
    expect(apart).toBeGreaterThan(0);
    expect(apart / own.length).toBeLessThan(0.05);
  });

  it("leaves NaN and Inf out of its scales", async () => {
    const values = normalValues(128, 5);
    const plain = await results(values, "hif4", 64);
    const bad = Float32Array.from(values);
    [bad[3], bad[64]] = [Number.NaN, -Infinity];
    const { report } = await quantizeText("hif4", bad, 2, 64);
    expect(report.metrics.nonFinite).toBe(2);
    const out = await results(bad, "hif4", 64);
    expect(Number.isNaN(out[3])).toBe(true);
    if (Math.abs(values[3]) < 1) expect(out.slice(8, 64)).toEqual(plain.slice(8, 64));
  });

  it("on a Gaussian errs less than NVFP4 and MXFP4: 1 to 1.32 to 1.89 (arXiv 2602.11287)", async () => {
    const values = normalValues(512 * 1024, 7);
    const mse = async (recipe: string) => (await quantizeText(recipe, values, 512, 1024)).report.metrics.mse!;
    const own = await mse("hif4");
    expect(Math.abs((await mse("nvfp4")) / own / 1.32 - 1)).toBeLessThan(0.03);
    // The power of two of MXFP4 makes its error go with the deviation: over an octave of it, the mean.
    const octave = [1, 1.25, 1.5, 1.75].map(async (sigma) => {
      const scaled = values.subarray(0, 2 ** 17).map((x) => sigma * x);
      const at = async (recipe: string) => (await quantizeText(recipe, scaled, 128, 1024)).report.metrics.mse!;
      return (await at("mxfp4")) / (await at("hif4"));
    });
    const ratio = (await Promise.all(octave)).reduce((sum, r) => sum + r, 0) / octave.length;
    expect(Math.abs(ratio / 1.89 - 1)).toBeLessThan(0.05);
  });
});

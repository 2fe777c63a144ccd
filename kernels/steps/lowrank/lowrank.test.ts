import { describe, expect, it } from "vitest";
import { normalValues, quantizeText } from "../../testing/matrix.ts";

const [rows, cols] = [24, 40];
const x = normalValues(rows * cols, 9);
const run = async (recipe: string, values = x) => {
  const quantized = await quantizeText(recipe, values, rows, cols);
  return { ...(await quantized.rows(0, rows)), metrics: quantized.report.metrics, quantized };
};

describe("lowrank", () => {
  it("lessens the error with every rank, to nothing at full rank", async () => {
    let before = (await run("int3/8")).metrics.nmse!;
    for (const rank of [1, 2, 4, 8, 16]) {
      const { nmse } = (await run(`int3/8+lowrank(${rank},factors=f32)`)).metrics;
      expect(nmse!).toBeLessThan(before);
      before = nmse!;
    }
    expect((await run("int3/8+lowrank(24,factors=f32)")).metrics.nmse!).toBeLessThan(1e-12);
  });

  it("adds nothing to a result without error", async () => {
    const { metrics, result } = await run("f32+lowrank(3)");
    expect(metrics.mse).toBe(0);
    expect(result).toEqual(x);
  });

  it("keeps the quantizer's codes, and counts both factors as they are stored", async () => {
    const [mended, plain] = [await run("int4/8+lowrank(4,factors=(int8/row))"), await run("int4/8")];
    expect(mended.codes).toEqual(plain.codes);
    const factors = rows * 4 * 8 + rows * 32 + (4 * cols * 8 + 4 * 32);
    expect(mended.metrics.bitsPerWeight - plain.metrics.bitsPerWeight).toBeCloseTo(factors / (rows * cols), 10);
    expect(mended.metrics.bitsBreakdown.slice(-2).map(({ what }) => what)).toEqual([
      "left factor, 4 columns (int8/row)",
      "right factor, 4 rows (int8/row)",
    ]);
  });

  it("mends in the space in which the recipe began", async () => {
    const { metrics } = await run("rht(8,seed=1)+int3/8+lowrank(24,factors=f32)");
    expect(metrics.nmse!).toBeLessThan(1e-12);
  });

  it("is not led astray by values that are not finite", async () => {
    const values = x.slice();
    values[3] = Number.NaN;
    values[50] = Infinity;
    const { metrics } = await run("int4/8+lowrank(4)", values);
    expect(metrics.nonFinite).toBe(2);
    expect(metrics.nmse!).toBeLessThan((await run("int4/8", values)).metrics.nmse!);
  });

  it("takes no step inside its factors", async () => {
    await expect(run("int4/8+lowrank(4,factors=(ht(4)+int8))")).rejects.toThrow(
      "what is stored beside the codes has a recipe without steps",
    );
  });
});

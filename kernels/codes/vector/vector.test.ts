import { describe, expect, it } from "vitest";
import { RecipeError } from "../../grammar/errors.ts";
import { normalValues, planOf, quantizeText } from "../../testing/matrix.ts";

const [rows, cols] = [16, 64];
const x = normalValues(rows * cols, 13);
const run = async (recipe: string, values = x) => {
  const quantized = await quantizeText(recipe, values, rows, cols);
  return { ...(await quantized.rows(0, rows)), metrics: quantized.report.metrics, quantized };
};

describe("vq", () => {
  it("gives every vector the nearest of the codebook, and says so element by element", async () => {
    const { codes, result, quantized } = await run("vq(4,32,seed=2)");
    const book = new Map<number, number[]>();
    for (let i = 0; i < x.length; i += 4) book.set(codes![i], [...result.subarray(i, i + 4)]);
    const distance = (at: number, centre: number[]) => centre.reduce((s, c, d) => s + (x[at + d] - c) ** 2, 0);
    for (let i = 0; i < x.length; i += 4) {
      expect(new Set(codes!.subarray(i, i + 4)).size).toBe(1);
      const own = distance(i, book.get(codes![i])!);
      for (const centre of book.values()) expect(own).toBeLessThanOrEqual(distance(i, centre));
    }
    const seen = await quantized.inspect(3, 21);
    expect([seen.code, seen.result, seen.codeBits?.length]).toEqual([codes![3 * cols + 21], result[3 * cols + 21], 5]);
  });

  it("counts codes a vector and the codebook as it is stored", async () => {
    const { metrics, quantized } = await run("vq(4,32)");
    expect(metrics.bitsPerWeight).toBe(5 / 4 + (32 * 4 * 16) / (rows * cols));
    expect(quantized.report.codes!.counts.reduce((a, b) => a + b)).toBe(x.length / 4);
    expect([metrics.saturated, metrics.flushed]).toEqual([null, null]);
    expect(metrics.codeEntropy!).toBeLessThanOrEqual(5);
  });

  it("loses nothing where there are no more vectors than codes", async () => {
    const few = x.map((_, i) => x[i % 8]);
    const { metrics } = await run("vq(8,2,seed=1,book=f32)", few);
    expect(metrics.mse).toBe(0);
  });

  it("is better with more codes, and the same for the same seed", async () => {
    const errors = [];
    for (const k of [4, 16, 64, 256]) errors.push((await run(`vq(2,${k})`)).metrics.nmse!);
    expect([...errors].sort((a, b) => b - a)).toEqual(errors);
    expect((await run("vq(2,16,seed=5)")).result).toEqual((await run("vq(2,16,seed=5)")).result);
    expect((await run("vq(2,16,seed=5)")).result).not.toEqual((await run("vq(2,16,seed=6)")).result);
  });

  it("leaves out vectors that hold NaN or Inf", async () => {
    const values = x.slice();
    values[9] = Number.NaN;
    const { metrics } = await run("vq(4,16)", values);
    expect([metrics.nonFinite, metrics.broken]).toEqual([1, 0]);
  });

  it("works inside a rotation, and beside outliers", async () => {
    const loud = x.map((v, i) => (i % 61 === 0 ? 30 * v : v));
    const plain = (await run("vq(4,64)", loud)).metrics.sqnrDb!;
    expect((await run("outliers(0.02)+vq(4,64)", loud)).metrics.sqnrDb!).toBeGreaterThan(plain + 3);
    expect((await run("rht(64,seed=1)+vq(4,64)", loud)).metrics.broken).toBe(0);
  });

  it("takes whole vectors of a row, and nothing after its name", () => {
    expect(() => planOf("vq(5,16)", 2, 64)).toThrow(
      new RecipeError("vectors of 5 do not divide the rows of 64 elements; 16 does"),
    );
    expect(() => planOf("vq(4,16)/32", 2, 64)).toThrow(RecipeError);
    expect(planOf("vq(4,256)", 2, 64).text).toBe("vq(seed=0)");
  });
});

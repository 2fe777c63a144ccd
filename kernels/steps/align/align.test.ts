import { describe, expect, it } from "vitest";
import { normalValues, quantizeText } from "../../testing/matrix.ts";

const [rows, cols] = [64, 512];
const x = normalValues(rows * cols, 9);
const run = async (recipe: string, values = x) => quantizeText(recipe, values, rows, cols);

describe("align", () => {
  it("gives back what truncation takes: no bias is left, a row or a tensor at a time", async () => {
    const masked = await run("e8m2(top=ieee)@trunc");
    expect(masked.report.metrics.bias!).toBeGreaterThan(0.03);
    for (const step of ["align", "align(each=row)"]) {
      const { report } = await run(`e8m2(top=ieee)@trunc+${step}`);
      expect(Math.abs(report.metrics.bias!), step).toBeLessThan(1e-6);
      expect(report.metrics.nmse!, step).toBeLessThan(masked.report.metrics.nmse! / 2);
    }
    expect(masked.report.metrics.bitsPerWeight).toBe(11);
    expect((await run("e8m2(top=ieee)@trunc+align(each=row)")).report.metrics.bitsPerWeight).toBeCloseTo(
      11 + 32 / cols,
      12,
    );
  });

  it("by a factor that the recipe names, nothing is stored", async () => {
    const { report, ...quantized } = await run("mxfp4+align(1.009276)");
    const plain = await run("mxfp4");
    expect(report.metrics.bitsPerWeight).toBe(plain.report.metrics.bitsPerWeight);
    const [mended, own] = [(await quantized.rows(0, 1)).result, (await plain.rows(0, 1)).result];
    expect(Array.from(mended)).toEqual(Array.from(own, (y) => Math.fround(y * Math.fround(1.009276))));
  });

  it("zeros and NaN have no ratio, and keep what they have", async () => {
    const y = Float32Array.from(x).fill(0, 0, cols);
    y[cols] = Number.NaN;
    const { report, ...quantized } = await run("int4/row+align(each=row)", y);
    expect(Array.from((await quantized.rows(0, 1)).result)).toEqual(Array(cols).fill(0));
    expect(report.metrics.nonFinite).toBe(1);
  });
});

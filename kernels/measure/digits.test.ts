import { describe, expect, it } from "vitest";
import { normalValues, quantizeText } from "../testing/matrix.ts";
import { type Digits, nonZeroDigits } from "./digits.ts";

const all = Array.from({ length: 256 }, (_, i) => i - 128);

describe("digits that are not zero", () => {
  it("of small numbers are as written out", () => {
    // 7 = 0111 = 8 - 1 = 2 * 4 - 1; 6 = 8 - 2 = 1 * 4 + 2; -1 has one digit wherever a digit has a sign.
    const of = (code: number) =>
      (["complement", "magnitude", "booth", "quaternary", "nonadjacent"] as const).map((d) =>
        nonZeroDigits(code, d, 8),
      );
    expect(of(7)).toEqual([3, 3, 2, 2, 2]);
    expect(of(6)).toEqual([2, 2, 2, 2, 2]);
    expect(of(-1)).toEqual([8, 1, 1, 1, 1]);
    expect(of(0)).toEqual([0, 0, 0, 0, 0]);
    expect(of(-128)).toEqual([1, 1, 1, 1, 1]);
  });

  it("are never fewer than in the non-adjacent form, and Booth's take three or fewer for 68.36 % of INT8", () => {
    for (const code of all) {
      const least = nonZeroDigits(code, "nonadjacent", 8);
      for (const digits of ["magnitude", "booth", "quaternary"] as const)
        expect(nonZeroDigits(code, digits, 8)).toBeGreaterThanOrEqual(least);
    }
    expect(all.filter((code) => nonZeroDigits(code, "booth", 8) <= 3)).toHaveLength(0.68359375 * 256);
  });

  it("of a Gaussian in INT8 under its largest magnitude are 2.44, 2.24, 2.18 and 3.98", async () => {
    const n = 1024;
    const quantized = await quantizeText("int8/tensor", normalValues(n * n, 4), n, n);
    const { result } = await quantized.rows(0, n);
    const scale = quantized.scales[0].values[0];
    const mean = (digits: Digits) =>
      result.reduce((sum, y) => sum + nonZeroDigits(Math.round(y / scale), digits, 8), 0) / result.length;
    const wanted = { booth: 2.44, quaternary: 2.24, nonadjacent: 2.18, complement: 3.98 };
    for (const [digits, claimed] of Object.entries(wanted))
      expect(Math.abs(mean(digits as Digits) - claimed), digits).toBeLessThan(0.03);
  });
});

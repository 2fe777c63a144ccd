import { describe, expect, it } from "vitest";
import { nmseOf } from "../testing/claims.ts";
import { normalValues } from "../testing/matrix.ts";
import { criticalTokens, trainedLoss, trainedSplit } from "./float-law.ts";

describe("the law of floats in training (arXiv 2501.02423)", () => {
  it.each([
    [4, 1.58, 1.42, "e2m1"],
    [6, 2.62, 2.38, "e3m2"],
    [8, 3.66, 3.34, "e4m3"],
    [16, 7.81, 7.19, "e8m7"],
  ])("splits %i bits into %d and %d: %s", (bits, exponent, mantissa, format) => {
    const { exponentBits, mantissaBits } = trainedSplit(bits);
    expect([exponentBits, mantissaBits].map((x) => Number(x.toFixed(2)))).toEqual([exponent, mantissa]);
    expect(`e${Math.round(exponentBits)}m${Math.round(mantissaBits)}`).toBe(format);
    // No other split of the width loses less.
    const loss = (e: number) => trainedLoss(1e9, 1e12, { exponentBits: e, mantissaBits: bits - 1 - e, block: 128 });
    for (const other of [-0.3, 0.3]) expect(loss(exponentBits + other)).toBeGreaterThan(loss(exponentBits));
  });

  it.each([
    ["E2M1", 2, 1, 3.9e11],
    ["E4M3", 4, 3, 2.7e13],
  ])("a model of 1e9 parameters and blocks of 128 in %s gets worse from so many tokens on", (_, e, m, tokens) => {
    const format = { exponentBits: e, mantissaBits: m, block: 128 };
    const most = criticalTokens(1e9, format);
    expect(Math.abs(most / tokens - 1)).toBeLessThan(0.02);
    for (const share of [0.9, 1.1])
      expect(trainedLoss(1e9, share * most, format)).toBeGreaterThan(trainedLoss(1e9, most, format));
    expect(trainedLoss(1e9, most)).toBeLessThan(trainedLoss(1e9, most, format));
  });

  it("is not what a Gaussian at rest wants, whose best float of 8 bits is E2M5", async () => {
    const x = normalValues(2 ** 16, 1);
    const errors = await Promise.all(["e2m5", "e3m4", "e4m3", "e5m2"].map((f) => nmseOf(`${f}/tensor~mse`, x)));
    expect(Math.min(...errors)).toBe(errors[0]);
  });
});

import { describe, expect, it } from "vitest";
import { bestClip, centredOf } from "./index.ts";
import { bitsAboveLimit, bitsAboveLloyd, gaussianLimit, LLOYD_MAX } from "./rates.ts";

describe("rates on a Gaussian", () => {
  it("have the books' errors, which the formats' best clips reach", () => {
    for (const [i, error] of LLOYD_MAX.slice(0, 5).entries()) {
      const rounded = centredOf({ base: { name: `lloyd${i + 1}`, args: [] }, rounding: null });
      expect(bestClip(rounded!)!.mse).toBeCloseTo(error, 8);
    }
  });

  it("give the gap to both", () => {
    expect(gaussianLimit(2)).toBe(0.0625);
    expect(bitsAboveLimit(2, 0.0625)).toBe(0);
    expect(bitsAboveLimit(2, LLOYD_MAX[1])).toBeCloseTo(0.4553, 4);
    for (const [i, error] of LLOYD_MAX.entries()) expect(bitsAboveLloyd(i + 1, error)).toBeCloseTo(0, 9);
    // Half way between 2 and 3 bits; and what QTIP has at 2.
    expect(bitsAboveLloyd(2.5, Math.sqrt(LLOYD_MAX[1] * LLOYD_MAX[2]))).toBeCloseTo(0, 9);
    expect(bitsAboveLloyd(2, 0.069)).toBeCloseTo(-0.435, 3);
    expect([bitsAboveLloyd(1, 0.5), bitsAboveLloyd(9, 1e-5), bitsAboveLloyd(4, 0)]).toEqual([null, null, null]);
  });
});

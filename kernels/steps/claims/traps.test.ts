/** Traps that lie between what is published and what a recipe does: figures of both sides, on Gaussian data. */
import { describe, expect, it } from "vitest";
import { near, nmseOf, reportOf, uniformValues } from "../../testing/claims.ts";
import { normalValues, quantizeText } from "../../testing/matrix.ts";

const n = 2 ** 18;
const gaussian = normalValues(n, 1);

describe("QuEST's scales in MXFP4 (Quartet, arXiv 2505.14669)", () => {
  it("the published kernel floors the exponent: 2.71e-2; rounded it is 1.275e-2", async () => {
    near(await nmseOf("mxfp4~quest(floor)", gaussian), 2.71e-2, 0.03, "floor");
    near(await nmseOf("mxfp4~quest(round)", gaussian), 1.275e-2, 0.02, "round");
  });

  it("an unrounded scale gives 1.237e-2, and uniform grids the errors of their clips", async () => {
    near(await nmseOf("e2m1/32~rms", gaussian), 1.237e-2, 0.03, "unrounded");
    for (const [bits, mse] of [
      [2, 0.118846],
      [3, 0.0374397],
      [4, 0.01154288],
    ] as const) {
      near(await nmseOf(`bipolar${bits}/tensor~rms`, gaussian), mse, 0.02, `${bits} bits`);
    }
  });
});

it("E8M0 floored clips, E8M0 raised does not", async () => {
  expect((await reportOf("mxfp4", gaussian)).metrics.saturated).toBeGreaterThan(n / 200);
  expect((await reportOf("mxfp4~mx(ceil)", gaussian)).metrics.saturated).toBe(0);
});

it("UE5M3 has two codebooks: 114,688 or 122,880, and 61,440 where the top exponent is spent", async () => {
  const top = async (scale: string) => {
    const big = Float32Array.from({ length: 64 }, () => 6 * 2 ** 17);
    return (await quantizeText(`e2m1/16:${scale}`, big, 1, 64)).scales[0].values[0];
  };
  expect(await top("ue5m3")).toBe(122880);
  expect(await top("ue5m3(top=nan)")).toBe(114688);
  expect(await top("ue5m3(top=ieee)")).toBe(61440);
});

it("four over six takes NVFP4 from 9.03e-3 to 7.56e-3; room above for the larger scales costs and gains next to nothing here", async () => {
  const [plain, saturating, roomy] = await Promise.all(
    ["nvfp4", "nvfp4~fouroversix", "e2m1/16~fouroversix:e4m3(reach=256)/tensor"].map((recipe) =>
      nmseOf(recipe, gaussian),
    ),
  );
  near(plain, 9.04e-3, 0.01, "plain");
  near(saturating, 7.56e-3, 0.01, "448 * 6");
  near(roomy, 7.56e-3, 0.01, "256 * 6");
});

it("masking bfloat16 is four times the squared error of rounding it, and 6.02 dB a bit", async () => {
  const spread = uniformValues(n, 4).map((u) => u + Math.sign(u));
  const decibels = async (recipe: string) => (await reportOf(recipe, spread)).metrics.sqnrDb!;
  const [rounded, masked, next] = await Promise.all(
    ["e8m4(top=ieee)", "e8m4(top=ieee)@trunc", "e8m3(top=ieee)@trunc"].map(decibels),
  );
  expect(Math.abs(rounded - masked - 6.02)).toBeLessThan(0.3);
  expect(Math.abs(masked - next - 6.02)).toBeLessThan(0.5);
  expect((await reportOf("e8m4(top=ieee)", spread)).metrics.bias!).toBeLessThan(2e-4);
});

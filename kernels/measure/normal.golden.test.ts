import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { normalValues, quantizeText } from "../testing/matrix.ts";
import { sharedFile } from "../testing/shared.ts";

/**
 * Mean squared errors on N(0,1) that numpy measured on a sample of its own: ours must lie within four combined standard
 * errors.
 */
const mxElements: [string, string][] = [
  ["MXFP4_E2M1", "e2m1"],
  ["MXFP6_E2M3", "e2m3"],
  ["MXFP6_E3M2", "e3m2"],
  ["MXFP8_E4M3", "e4m3"],
  ["MXFP8_E5M2", "e5m2"],
];
const mxRules = { floor: "~mx(floor):e8m0", even: "~mx(even):e8m0", rceil: ":e8m0@up", ceil: "~mx(ceil):e8m0" };
const conventions = { qmax: "full", narrow: "narrow", half: "half", signedmax: "signmax" };

/** Our recipe of each configuration. */
const recipes: Record<string, string> = {
  ...Object.fromEntries(
    mxElements.flatMap(([name, element]) =>
      Object.entries(mxRules).map(([rule, text]) => [`${name} bs32 ${rule} RNE`, `${element}/32${text}`]),
    ),
  ),
  "MXFP4_E2M1 bs32 floor, ties-to-zero(ggml)": "e2m1@inward/32~mx(floor):e8m0",
  "MXFP4 even-thr 1.75 == ct generate_mx_scales": "mxfp4~mx(even)",
  // The library's threshold of 1.75 is E4M3's own limit.
  "MXFP8_E4M3 bs32 ct(even with mbits=1)": "e4m3/32:e8m0@up",
  "MXINT8 bs32 floor": "mxint8",
  "MXINT4 bs32 floor": "int4(frac=2)/32~mx(floor):e8m0",
  "MXFP4 QuEST rms-clip floor-pow2": "mxfp4~std(2.92247856):e8m0@down",
  "NVFP4 bs16 two-level(amax/2688) e4m3 scale": "nvfp4",
  "NVFP4 bs16 two-level, clamp>=2^-6 (torchao)": "torchao_nvfp4",
  "NVFP4 bs16 single-level (no tensor scale)": "e2m1/16:e4m3",
  "NVFP4 bs16 single-level clamp>=2^-6(torchao)": "e2m1/16:e4m3(least=0.015625)",
  "FP4 E2M1 bs16 fp32 scale": "e2m1/16",
  "FP4 E2M1 bs32 fp32 scale": "e2m1/32",
  ...Object.fromEntries([32, 64, 128, 256, 512, 1024, 4096].map((n) => [`NF4 bs${n} fp32 absmax`, `nf4/${n}`])),
  ...Object.fromEntries([32, 64, 128].map((n) => [`bnb-FP4 bs${n}`, `bnbfp4/${n}`])),
  "AF4 bs64": "af4/64",
  ...Object.fromEntries(
    [2, 3, 4, 8].flatMap((bits) =>
      [32, 64, 128].flatMap((n) => [
        ...Object.entries(conventions).map(([name, range]) => [
          `INT${bits} sym bs${n} ${name}`,
          `int${bits}(${range})/${n}`,
        ]),
        [`INT${bits} asym bs${n}`, `int${bits}(asym)/${n}`],
      ]),
    ),
  ),
  "FP8 E4M3 per-tensor amax/448": "e4m3/tensor",
  "FP8 E5M2 per-tensor amax/57344": "e5m2/tensor",
  "FP8 E4M3 scale 1.0 (direct cast)": "e4m3",
  "FP8 E5M2 direct cast": "e5m2",
  "E3M2 direct cast": "e3m2",
  "E2M3 direct cast": "e2m3",
  "E2M1 direct cast": "e2m1",
  "FP8 E4M3 bs128 amax/448": "e4m3/128",
};

/** Configurations that no recipe says, and why. */
const uncovered: Record<string, string> = {
  "MXFP4_E2M1 bs32 floor, x3/4 (Tseng/FP-Quant)": "a factor on the shared exponent",
  "NVFP4 four-over-six (min MSE of amax/6, amax/4; gscale 2688)": "a choice between two clips a block",
};

interface Golden {
  formats: Record<string, { mse: number; se: number }>;
}

const file = sharedFile("golden/mse_normal.json");

describe.skipIf(!file)("mean squared errors on N(0,1) (skipped where golden/mse_normal.json is absent)", () => {
  const golden: Golden = file ? JSON.parse(readFileSync(file, "utf8")) : { formats: {} };
  const [rows, cols] = [256, 4096];
  const values = normalValues(rows * cols, 7);

  it("every configuration has a recipe or a reason", () => {
    expect(Object.keys(golden.formats).sort()).toEqual([...Object.keys(recipes), ...Object.keys(uncovered)].sort());
  });

  it.each(Object.entries(recipes))("%s is %s", async (name, recipe) => {
    const wanted = golden.formats[name];
    const { report } = await quantizeText(recipe, values, rows, cols);
    // Rows are independent but for the scale of a tensor: their means give the standard error.
    const means = Array.from(report.rowProfile.error, (e) => e / cols);
    const mse = means.reduce((a, b) => a + b, 0) / rows;
    const se = Math.sqrt(means.reduce((s, m) => s + (m - mse) ** 2, 0) / (rows - 1) / rows);
    const z = (mse - wanted.mse) / Math.hypot(se, wanted.se);
    expect(Math.abs(z)).toBeLessThan(4);
    expect(report.metrics.mse).toBeCloseTo(mse, 12);
  });
});

import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { planOf } from "../testing/matrix.ts";
import { sharedFile } from "../testing/shared.ts";
import { gaussianMse, gaussianOptimalScale } from "./gaussian.ts";

const recipes: Record<string, string> = {
  ...Object.fromEntries([1, 2, 3, 4, 5, 6, 7, 8].map((b) => [`uniform_midrise_${b}b`, `bipolar${b}/32`])),
  ...Object.fromEntries([2, 3, 4, 5, 6, 7, 8].map((b) => [`int_symmetric_narrow_${b}b(step)`, `int${b}/32`])),
  ...Object.fromEntries([2, 3, 4, 5, 6, 7, 8].map((b) => [`int_twos_complement_${b}b(step)`, `int${b}(full)/32`])),
  "E2M1(scale,unit=grid)": "e2m1/32",
  "E3M0(scale,unit=grid)": "e3m0/32",
  "E1M2(scale,unit=grid)": "e1m2/32",
  "E3M2(scale,unit=grid)": "e3m2/32",
  "E2M3(scale,unit=grid)": "e2m3/32",
  "E4M3fn(scale,unit=grid)": "e4m3/32",
  "E5M2(scale,unit=grid)": "e5m2/32",
  "NF4(amax multiplier)": "nf4/32",
  "AF4-64(amax multiplier)": "af4/32",
  "bnbFP4(amax multiplier)": "bnbfp4/32",
};

const ladderOf = (recipe: string) => planOf(recipe, 4, 32).element.ladder!;
const file = sharedFile("golden/mse_optimal_clip.json");

describe.skipIf(!file)("least errors on a unit Gaussian (skipped where golden/mse_optimal_clip.json is absent)", () => {
  const golden: Record<string, [number | null, number]> = file ? JSON.parse(readFileSync(file, "utf8")) : {};

  it("every optimum of given levels has a recipe; Lloyd-Max levels are none of a format", () => {
    const left = Object.keys(golden).filter((name) => !(name in recipes));
    expect(left.every((name) => name.startsWith("LloydMax"))).toBe(true);
  });

  it.each(Object.entries(recipes))("%s by %s", (name, recipe) => {
    const ladder = ladderOf(recipe);
    const [scale, mse] = golden[name] as [number, number];
    const found = gaussianOptimalScale(ladder);
    expect(Math.abs(gaussianMse(ladder.levels, found) / mse - 1)).toBeLessThan(1e-6);
    // The levels of the mid-rise quantizer are given by their clip.
    const given = name.startsWith("uniform") ? scale / ladder.maxAbs : scale;
    expect(Math.abs(gaussianMse(ladder.levels, given) / mse - 1)).toBeLessThan(1e-6);
    // A wide format is alike in every octave: its best scales repeat at powers of two.
    const octaves = Math.log2(found / given);
    expect(Math.abs(octaves - (recipe === "e5m2/32" ? Math.round(octaves) : 0))).toBeLessThan(1e-3);
  });
});

describe("the clip that is optimal for a Gaussian", () => {
  it("is QuEST's for E2M1: 2.92247856 standard deviations", () => {
    expect(gaussianOptimalScale(ladderOf("e2m1/32")) * 6).toBeCloseTo(2.92247856, 5);
  });
  it("is the factor of ~rms where none is given", () => {
    expect(planOf("e2m1/32~rms", 4, 32).levels[0].rule.params).toEqual({ k: expect.closeTo(2.92247856, 5) });
  });
});

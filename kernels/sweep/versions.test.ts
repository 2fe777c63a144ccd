import { describe, expect, it } from "vitest";
import { parseRecipe } from "../notation/index.ts";
import { NUMBERS_VERSION } from "../report/report.ts";
import { parseSweep } from "./index.ts";
import { differences, fromVersion } from "./versions.ts";

describe("a recipe of an earlier version of the numbers", () => {
  it.each([
    ["int4/128~mse", "int4/128~shrink"],
    ["rht(64,seed=1)+e2m1/32~mse(p=2.4,grid=9):e8m0", "rht(64,seed=1)+e2m1/32~shrink(p=2.4,grid=9):e8m0"],
    ["int4(asym)/128~mse:f16", "int4(asym)/128~shrink:f16"],
    ["nvfp4~mse(least=0.5)", "nvfp4~shrink(least=0.5)"],
  ])("%s becomes %s", (old, now) => {
    const { text, says } = fromVersion(1, old);
    expect(text).toBe(now);
    expect(says).toEqual([expect.stringContaining("~shrink")]);
    expect(() => parseRecipe(text)).not.toThrow();
  });

  it("keeps its search in a grid, with sets and several grids", () => {
    const { text } = fromVersion(1, "int4/(16,32)~(absmax,mse,mse(p=2.4,grid=5)):f16;mxfp4~mse");
    expect(text).toBe("int4/(16,32)~(absmax,shrink,shrink(p=2.4,grid=5)):f16;mxfp4~shrink");
    expect(() => parseSweep(text)).not.toThrow();
  });

  it("stays as it is where nothing touches it, or where it is not old", () => {
    for (const text of ["nvfp4", "int4/64:f16", "int4/128~rms(2.9)", "no recipe (", "my.mse.weight=int4", ""]) {
      expect(fromVersion(1, text).text).toBe(text);
    }
    expect(fromVersion(1, "nvfp4")).toEqual({ text: "nvfp4", says: [] });
    expect(fromVersion(NUMBERS_VERSION, "int4/128~mse")).toEqual({ text: "int4/128~mse", says: [] });
  });

  it.each([
    "bnb_nf4",
    "nf4(arith=bnb)/64",
    "bnb_fp4",
    "torchao_nvfp4",
    "modelopt_nvfp4",
    "nf4/64:dynamic8/row",
    "e8m2/4~pct(50)",
    "e3m1(top=nan,sat=nan)",
  ])("says what differs in %s, and leaves the text", (recipe) => {
    const { text, says } = fromVersion(1, `rht(64,seed=1)+${recipe}`);
    expect(text).toBe(`rht(64,seed=1)+${recipe}`);
    expect(says).not.toEqual([]);
  });

  it("is of a version before this one in every entry", () => {
    for (const { until, says } of differences) {
      expect(until).toBeLessThan(NUMBERS_VERSION);
      expect(says).not.toMatch(/\.$/);
    }
  });
});

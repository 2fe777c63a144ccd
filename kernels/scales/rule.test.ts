import { describe, expect, it } from "vitest";
import { planOf } from "../testing/matrix.ts";
import { gaussianOptimalScale } from "./gaussian.ts";

const levels = (recipe: string) => planOf(recipe, 1, 32).levels;
/** Its name and parameters. */
const rule = (recipe: string) => {
  const { name, params } = levels(recipe)[0].rule;
  return { name, ...params };
};

describe("a scale rule", () => {
  it.each<[string, object]>([
    ["int4/32", { name: "absmax" }],
    ["int4/32~absmax", { name: "absmax" }],
    ["int4(asym)/32", { name: "minmax" }],
    ["int4(asym)/32~minmax", { name: "minmax" }],
    ["int4/32~pct(99.5)", { name: "pct", p: 99.5 }],
    ["int4(asym)/32~pct(99)", { name: "pct", p: 99 }],
    ["int4/32~mse", { name: "mse", p: 2, grid: 100, least: 0.2, most: 1.5 }],
    ["int4(asym)/32~mse", { name: "mse", p: 2, grid: 100, least: 0.2, most: 1.5 }],
    ["int4(signmax)/32~mse(p=2.4,grid=8,least=0.5,most=2)", { name: "mse", p: 2.4, grid: 8, least: 0.5, most: 2 }],
    ["int4/32~shrink", { name: "shrink", p: 2, grid: 100, least: 0.2 }],
    ["int4(signmax)/32~shrink(p=1,grid=8,least=0)", { name: "shrink", p: 1, grid: 8, least: 0 }],
    ["int4/32~rms(2.5)", { name: "rms", k: 2.5 }],
    ["int4/32~std(3)", { name: "std", k: 3 }],
    ["int4/32~absmean", { name: "absmean", k: 1 }],
    ["int4/32~absmean(1.5)", { name: "absmean", k: 1.5 }],
    ["e2m1/32~mx:bf16", { name: "mx", how: "floor" }],
    ["e2m1/32~mx(even):bf16", { name: "mx", how: "even" }],
    ["e2m1/32~rceil:bf16", { name: "rceil" }],
  ])("%s", (recipe, wanted) => expect(rule(recipe)).toEqual(wanted));

  it("without a factor has that of the least error over a Gaussian", () => {
    for (const name of ["rms", "std"]) {
      const plan = planOf(`int4/32~${name}`, 1, 32);
      expect(plan.levels[0].rule).toMatchObject({
        name,
        params: { k: gaussianOptimalScale(plan.element.ladder!) * 7 },
      });
    }
    // As many levels as are worth it, and more than that.
    expect(rule("ue8m4/32~rms:f16")).toMatchObject({ name: "rms" });
    expect(() => rule("e5m8/32~rms")).toThrow("~rms needs a factor");
    expect(rule("e5m8/32~rms(3)")).toEqual({ name: "rms", k: 3 });
  });

  it.each([
    ["int4(asym)/32~rms", "~rms is for symmetric formats"],
    ["int4(asym)/32~std(2)", "~std is for symmetric formats"],
    ["int4(asym)/32~absmean", "~absmean is for symmetric formats"],
    ["int4(asym)/32~mx", "~mx is for symmetric formats"],
    ["int4(asym)/32~rceil", "~rceil is for symmetric formats"],
    ["int4/32~minmax", "~minmax is for affine integers"],
    ["nf4/32~mx", "~mx is for floats and integers"],
    ["int4/32~pct(0)", "above 0"],
    ["int4(signmax)/32~rms(2)", "~rms does not go with the signed maximum"],
    ["int4(signmax)/32~pct(99)", "~pct does not go with the signed maximum"],
    ["int4/32~mse(least=1)", "least= below 1"],
  ])("%s is a mistake", (recipe, message) => expect(() => levels(recipe)).toThrow(message));

  it("of scales of scales is ~absmax, ~mx or ~rceil", () => {
    const outer = (name: string) => levels(`int4/4:e4m3/tensor${name}:f16`)[1].rule;
    expect([outer(""), outer("~absmax"), outer("~mx"), outer("~rceil")].map(({ name }) => name)).toEqual([
      "absmax",
      "absmax",
      "mx",
      "rceil",
    ]);
    for (const name of ["~pct(99)", "~mse", "~rms(2)", "~absmean", "~shrink"]) {
      expect(() => outer(name)).toThrow(/works on elements; the scales of scales take/);
    }
  });

  it("searches 4096 steps above the plain scale at most", () => {
    expect(rule("int4/32~mse(grid=4096,least=0,most=2)")).toMatchObject({ grid: 4096, most: 2 });
    expect(() => rule("int4/32~mse(grid=4096,least=0,most=2.001)")).toThrow("4100 steps above 1, 4096 at most");
  });
});

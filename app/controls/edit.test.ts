import { describe, expect, it } from "vitest";
import type { Quantizer, Recipe } from "../../kernels/grammar/ast.ts";
import { parseRecipe, printRecipe } from "../../kernels/notation/index.ts";
import { vocabulary } from "../../kernels/notation/vocabulary.ts";
import * as edit from "./edit.ts";

const quantizer = (text: string, change: (q: Quantizer) => Quantizer): string => {
  const recipe = parseRecipe(text);
  return printRecipe({ ...recipe, quantizer: change(recipe.quantizer) });
};
const recipe = (text: string, change: (r: Recipe) => Recipe): string => printRecipe(change(parseRecipe(text)));
const parameter = (name: string, key: string) => edit.entryOf(name)!.params.find((p) => p.key === key)!;

describe("controls and text say the same", () => {
  it("another format keeps block, rule and storage, and the options both know", () => {
    expect(quantizer("int4(half,sat=nan)/128~pct(99):f16", (q) => edit.withFormat(q, "int5"))).toBe(
      "int5(half,sat=nan)/128~pct(99):f16",
    );
    expect(quantizer("int4(half)/128", (q) => edit.withFormat(q, "e2m1"))).toBe("e2m1/128");
    expect(quantizer("int4/8", (q) => edit.withFormat(q, "codebook"))).toBe("codebook(-1,0,1)/8");
  });

  it("block, rule, rounding and storage are edited one by one", () => {
    expect(quantizer("int4/128", (q) => edit.withBlock(q, edit.blockOf("tile", q.block)))).toBe("int4/128x128");
    expect(quantizer("nvfp4", (q) => edit.withBlock(q, edit.blockOf("none", q.block)))).toBe("e2m1");
    expect(quantizer("int4/128", (q) => edit.withRule(q, "mse"))).toBe("int4/128~mse");
    expect(quantizer("int4/128~mse", (q) => edit.withRule(q, ""))).toBe("int4/128");
    expect(quantizer("int4/128", (q) => edit.withRounding(q, "sr"))).toBe("int4@sr(seed=0)/128");
    expect(quantizer("int4/128", (q) => edit.withScaleFormat(q, "f16"))).toBe("int4/128:f16");
    expect(quantizer("nvfp4", (q) => edit.withScaleFormat(q, "ue5m3"))).toBe("e2m1/16:ue5m3/tensor");
    expect(quantizer("int4/128:f16", (q) => edit.withScaleFormat(q, "f32"))).toBe("int4/128");
  });

  it("options go with what they were about", () => {
    const meant = (text: string, change: (q: Quantizer) => Quantizer) => quantizer(text, (q) => edit.meant(change(q)));
    expect(meant("int4(zero=1,sat=nan)/32", (q) => edit.withBlock(q, null))).toBe("int4(sat=nan)");
    const symmetric = (q: Quantizer) => ({ ...q, base: edit.withArgument(q.base, parameter("int4", "range"), "half") });
    expect(meant("int4(asym,zp=int8)/64", symmetric)).toBe("int4(half)/64");
    expect(meant("e2m1/16:e4m3(least=1)/row", (q) => q)).toBe("e2m1/16:e4m3(least=1)/row");
  });

  it("steps come, change and go", () => {
    expect(recipe("nvfp4", (r) => edit.withStep(r, 0, "rht"))).toBe("rht(64,seed=0)+nvfp4");
    expect(recipe("rht(64,seed=3)+nvfp4", (r) => edit.withStep(r, 0, "ht"))).toBe("ht(64)+nvfp4");
    expect(recipe("rht(64,seed=3)+nvfp4", (r) => edit.withStep(r, 0, ""))).toBe("nvfp4");
    expect(recipe("perm+ht(8)+nvfp4", (r) => edit.withStep(r, 2, "outliers"))).toBe("perm+ht(8)+outliers(0.005)+nvfp4");
    expect(recipe("perm+ht(8)+nvfp4", (r) => edit.withStep(r, 0, ""))).toBe("ht(8)+nvfp4");
    expect(recipe("ht(8)+int4/8", (r) => edit.withPreset(r, "mxfp4"))).toBe("ht(8)+mxfp4");
  });

  it("arguments are shown with their defaults and written without", () => {
    const { base } = parseRecipe("int4(half)/8").quantizer;
    expect(edit.argumentText(base, parameter("int4", "range"))).toBe("half");
    expect(edit.argumentText(base, parameter("int4", "sat"))).toBe("clamp");
    expect(
      quantizer("int4(half)/8", (q) => ({ ...q, base: edit.withArgument(q.base, parameter("int4", "range"), "") })),
    ).toBe("int4/8");
    const zp = edit.withArgument(parseRecipe("int4(asym)/8").quantizer.base, parameter("int4", "zp"), "uint8");
    expect(edit.argumentText(zp, parameter("int4", "zp"))).toBe("uint8");
    expect(() => edit.withArgument(base, parameter("int4", "frac"), "99")).toThrow(
      "frac takes a whole number from 0 to 16",
    );
  });

  it("every registered name can be chosen from the controls and printed", () => {
    const chosen = parseRecipe("int4/16");
    for (const f of vocabulary.formats) {
      const text = printRecipe({ ...chosen, quantizer: edit.withFormat(chosen.quantizer, f.name) });
      expect(parseRecipe(text).quantizer.base.name).toBe(f.name);
    }
    for (const r of vocabulary.roundings) {
      expect(() => printRecipe({ ...chosen, quantizer: edit.withRounding(chosen.quantizer, r.name) })).not.toThrow();
    }
    for (const r of vocabulary.rules) {
      expect(() => printRecipe({ ...chosen, quantizer: edit.withRule(chosen.quantizer, r.name) })).not.toThrow();
    }
    for (const s of vocabulary.steps.filter((step) => step.place === "before")) {
      expect(() => printRecipe(edit.withStep(chosen, 0, s.name))).not.toThrow();
    }
  });
});

it("keeps one solver, last before the quantizer", () => {
  expect(recipe("gptq+int4/32", (r) => edit.withStep(r, 1, "ht"))).toBe("ht(64)+gptq+int4/32");
  expect(recipe("ht(8)+gptq+int4/32", (r) => edit.withStep(r, 2, "ldlq"))).toBe("ht(8)+ldlq+int4/32");
  expect(recipe("ht(8)+gptq+int4/32", (r) => edit.withStep(r, 0, "hqq"))).toBe("hqq+int4/32");
  expect(recipe("ht(8)+gptq+int4/32", (r) => edit.withStep(r, 1, ""))).toBe("ht(8)+int4/32");
  expect(recipe("int4/32+lowrank(4)", (r) => edit.withStep(r, 1, "bias", "after"))).toBe("int4/32+lowrank(4)+bias");
});

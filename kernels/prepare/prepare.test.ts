import { describe, expect, it } from "vitest";
import type { Recipe } from "../grammar/ast.ts";
import { RecipeError } from "../grammar/errors.ts";
import { parseRecipe } from "../notation/index.ts";
import { planOf } from "../testing/matrix.ts";
import { prepareRecipe } from "./prepare.ts";

describe("a recipe that makes no sense is refused with a sentence", () => {
  it.each([
    ["f32/32", "f32 needs no scale: leave out its block"],
    ["int4(asym)", "an affine integer needs a block for its scale and zero point, as in /128"],
    ["int4(asym,frac=2)/32", "an affine integer has no fraction bits"],
    ["int4/32:int8(asym)/row", "a scale is stored without a zero point: use a uint or a float"],
    ["int4/32:int8(asym)", "a scale is stored without a zero point: use a uint or a float"],
    ["int4(asym,zp=(int4/32))/32", "a zero point is stored in a plain format, without blocks, rounding or steps"],
    ["int4(asym,zp=(int4@up))/32", "a zero point is stored in a plain format, without blocks, rounding or steps"],
    ["int4(signmax)/32:e8m0", "a signed maximum gives negative scales, which e8m0 cannot hold"],
    ["int4(signmax)/32:ue4m3", "a signed maximum gives negative scales, which ue4m3 cannot hold"],
    ["int4(signmax)/32:uint8/row", "a signed maximum gives negative scales, which uint8 cannot hold"],
    ["int1/32", "int1 has no symmetric range: write int1(asym), int1(signmax), binary or bipolar1"],
    ["int1(full)/32", "int1(full) has no positive code: write int1(signmax) or int1(asym)"],
    ["int4(sat=nan)/32", "int4 has no NaN for sat=nan"],
    ["e2m1(sat=inf)", "e2m1 has neither Inf nor NaN for sat=inf"],
    ["e0m3(top=ieee)", "e0m3(top=ieee) needs exponent bits to hold Inf and NaN"],
    ["ue4m3(top=fnuz)", "ue4m3(top=fnuz): an unsigned float has no negative zero"],
    ["e0m1(top=nan)/32", "e0m1(top=nan) has no number but zero"],
    ["e1m0(top=ieee)", "e1m0(top=ieee) has no number but zero"],
    ["codebook(0)/32", "a codebook needs two levels at least"],
    ["codebook(1,0)/32", "the levels of a codebook ascend: level 2 (0) does not exceed 1"],
    ["codebook(0,0)/32", "the levels of a codebook ascend: level 2 (0) does not exceed 0"],
    ["e2m1/16:e5m3(bias=-200)", "e5m3(bias=-200) reaches beyond float32, in which scales are multiplied"],
    ["int4/32~minmax", "~minmax is for affine integers, as in int4(asym)"],
    ["int4(asym)/32~absmax", null],
    ["int4(asym)/32~rms", "~rms is for symmetric formats; affine integers take ~minmax, ~pct or ~mse"],
    ["int4(asym)/32~absmean", "~absmean is for symmetric formats; affine integers take ~minmax, ~pct or ~mse"],
    ["int4(asym)/32~mx(floor)", "~mx is for symmetric formats; affine integers take ~minmax, ~pct or ~mse"],
    ["nf4/32~mx(floor)", "~mx is for floats and integers"],
    ["int4/32~pct(0)", "~pct takes a percentile above 0"],
    ["int4/32:f16/4~pct(99)", "~pct works on elements; the scales of scales take ~absmax, ~mx or ~rceil"],
    ["int4(signmax)/32~pct(99)", "~pct does not go with the signed maximum"],
    ["tf32/32~rms", "~rms needs a factor for a format with so many levels"],
    [
      "e2m1(arith=torchao)/16:e4m3/4:e4m3/tensor",
      "arith=torchao is the arithmetic of one quantizer: e2m1 with :e4m3(least=0.015625)/tensor or :e4m3(least=0.015625)",
    ],
    [
      "e2m1(arith=modelopt)/16:e4m3",
      "arith=modelopt is the arithmetic of one quantizer: e2m1 with :e4m3(least=0.001953125)/tensor",
    ],
    [
      "int4(arith=bnb)/64",
      "arith=bnb is the arithmetic of one quantizer: nf4 or bnbfp4 with float32 scales, or with :dynamic8(offset=mean)/flat(256)",
    ],
    ["nf4(arith=bnb)@away/64", "arith=bnb rounds as the library does: leave out @away"],
    [`int4/2${":f16/2".repeat(8)}`, "scales nest 8 levels deep at most"],
  ])("%s", (text, message) => {
    const run = () => planOf(text, 64, 4096);
    if (message) expect(run).toThrow(expect.objectContaining({ name: "RecipeError", message }));
    else expect(run).not.toThrow();
  });

  it("where the tensor has no elements", () => {
    for (const [r, c] of [
      [0, 4],
      [4, 0],
    ]) {
      expect(() => planOf("int4/4", r, c)).toThrow(new RecipeError("the tensor has no elements"));
    }
  });

  it("where a tree that no text gives has a rule or a scale without a block", () => {
    const tree = (text: string): Recipe => ({
      ...parseRecipe(text),
      quantizer: { ...parseRecipe(text).quantizer, block: null },
    });
    expect(() => prepareRecipe(tree("int4/4~pct(99)"), [], 4, 4)).toThrow(
      new RecipeError("a scale rule (~pct) needs a block that it works on, as in /32"),
    );
    expect(() => prepareRecipe(tree("int4/4:f16"), [], 4, 4)).toThrow(
      new RecipeError("a stored scale (after the colon) needs a block that it scales, as in /32"),
    );
    const step: Recipe = { ...parseRecipe("int4/4"), after: [{ name: "mend", args: [] }] };
    expect(() => prepareRecipe(step, [], 4, 4)).toThrow(new RecipeError("mend is not a step"));
    const named = (base: string): Recipe => ({
      before: [],
      quantizer: { ...parseRecipe("int4/4").quantizer, base: { name: base, args: [] } },
      after: [],
    });
    expect(() => prepareRecipe(named("e9m9"), [], 4, 4)).toThrow(RecipeError);
  });

  it("knows names that a link defined", () => {
    const plan = planOf("my4/4:f16", 4, 8, ["my4:=codebook(-1,-0.35,0,0.35,1)"]);
    expect(Array.from(plan.element.ladder!.levels)).toEqual([-1, -0.35, 0, 0.35, 1].map(Math.fround));
    expect(plan.text).toBe("my4/4:f16");
  });
});

describe("the remedy that a sentence names", () => {
  const remedies = (text: string, cols: number) => {
    try {
      planOf(text, 8, cols);
    } catch (error) {
      if (error instanceof RecipeError) return error.remedies;
    }
    throw new Error(`${text} fits`);
  };

  it("is the recipe with another order of that rotation, and fits", () => {
    const [remedy] = remedies("rht(64,seed=5)+ht(48)+nvfp4", 160);
    expect(remedy).toEqual({ label: "use 32", recipe: "rht(32,seed=5)+ht(48)+nvfp4" });
    expect(remedies(remedy.recipe, 160)).toEqual([{ label: "use 32", recipe: "rht(32,seed=5)+ht(32)+nvfp4" }]);
    expect(() => planOf("rht(32,seed=5)+ht(32)+nvfp4", 8, 160)).not.toThrow();
    expect(remedies("ht(64)+int4/32", 7)).toEqual([]);
    expect(remedies("rht(100,seed=2)+int4/32", 128)).toEqual([{ label: "use 64", recipe: "rht(64,seed=2)+int4/32" }]);
    expect(remedies("ht(7)+int4/32", 8)).toEqual([{ label: "use 4", recipe: "ht(4)+int4/32" }]);
    expect(remedies("ht(7)+int4/32", 7)).toEqual([]);
  });

  it("is the recipe with a block", () => {
    expect(remedies("int4(asym)", 64)).toEqual([{ label: "add /128", recipe: "int4(asym)/128" }]);
  });
});

describe("a search for scales", () => {
  const notesOf = (text: string) => prepareRecipe(parseRecipe(text), [], 4, 64).notes;

  it("says which of its options have no part where every code is tried", () => {
    expect(notesOf("e2m1/32~mse(grid=50,least=0.5):e8m0")).toEqual([
      "~mse tries every code of e8m0: grid= and least= have no part in that",
    ]);
    expect(notesOf("nvfp4~mse(most=2)")).toEqual(["~mse tries every code of e4m3: most= has no part in that"]);
    for (const recipe of ["e2m1/32~mse(p=2.4):e8m0", "int4/32~mse(grid=50):f16", "mxfp4"]) {
      expect(notesOf(recipe)).toEqual([]);
    }
  });
});

import { describe, expect, it } from "vitest";
import type { Quantizer, Recipe } from "../grammar/ast.ts";
import {
  argOf,
  canonical,
  normalizeRecipe,
  numberArg,
  numberList,
  parseRecipe,
  printRecipe,
  recipeArg,
} from "./index.ts";
import { vocabulary } from "./vocabulary.ts";

const plain = (name: string, parts: Partial<Quantizer> = {}): Quantizer => ({
  base: { name, args: [] },
  rounding: null,
  block: null,
  rule: null,
  scale: null,
  ...parts,
});
const word = (value: string) => ({ key: null, value: { type: "word", value } as const });

describe("trees", () => {
  it("of a format alone is a direct cast", () => {
    expect(parseRecipe("e4m3")).toEqual({ before: [], quantizer: plain("e4m3"), after: [] });
  });

  it("of an alias are expanded", () => {
    const quantizer = plain("e2m1", {
      block: { kind: "run", n: 16 },
      scale: plain("e4m3", { block: { kind: "tensor" } }),
    });
    expect(parseRecipe("nvfp4").quantizer).toEqual(quantizer);
    expect(parseRecipe("e2m1/16:e4m3/tensor").quantizer).toEqual(quantizer);
    expect(parseRecipe("mxfp4~mx(even)").quantizer).toEqual(
      plain("e2m1", {
        block: { kind: "run", n: 32 },
        rule: { name: "mx", args: [word("even")] },
        scale: plain("e8m0"),
      }),
    );
  });

  it("have keys where the text has them, and seeds always", () => {
    const { before, quantizer } = parseRecipe("rht(128)+int4(half)@sr/64");
    expect(before).toEqual([
      {
        name: "rht",
        args: [
          { key: null, value: { type: "number", value: 128 } },
          { key: "seed", value: { type: "number", value: 0 } },
        ],
      },
    ]);
    expect(quantizer.base.args).toEqual([word("half")]);
    expect(quantizer.rounding?.args).toEqual([{ key: "seed", value: { type: "number", value: 0 } }]);
  });

  it("hold a recipe wherever a quantizer is an argument", () => {
    const stored = (text: string) => recipeArg(parseRecipe(text).quantizer.base, "zp")?.quantizer;
    expect(stored("int4(asym,zp=int8)/64")).toEqual(plain("int8"));
    expect(stored("int4(asym,zp=(int8))/64")).toEqual(plain("int8"));
    expect(stored("int4(asym,zp=(int8/row))/64")).toEqual(plain("int8", { block: { kind: "row" } }));
  });

  it("are read by key, with or without one in the tree", () => {
    const [step] = parseRecipe("rht(n=128,seed=7)+int4").before;
    expect([numberArg(step, "n"), numberArg(step, "seed")]).toEqual([128, 7]);
    expect(argOf(parseRecipe("int4").quantizer.base, "range")).toBeNull();
    expect(numberList(parseRecipe("codebook(-1,0,0.5)").quantizer.base, "values")).toEqual([-1, 0, 0.5]);
  });
});

describe("the canonical form", () => {
  it.each([
    ["f32", "f32"],
    ["e4m3", "e4m3"],
    ["int8/row", "int8/row"],
    ["int4/128", "int4/128"],
    ["int4(half)/128", "int4(half)/128"],
    ["int4(signmax)/32:f16", "int4(signmax)/32:f16"],
    ["int4(asym)/64:f16", "int4(asym)/64:f16"],
    ["e4m3/128x128", "e4m3/128x128"],
    ["e2m3(bias=2)@away/64:ue5m3", "e2m3(bias=2)@away/64:ue5m3"],
    ["codebook(-1,-0.35,0,0.35,1)/64:f16", "codebook(-1,-0.35,0,0.35,1)/64:f16"],
    ["mxfp4", "mxfp4"],
    ["e2m1/32~mx(floor):e8m0", "mxfp4"],
    ["e2m1/32~mx(even):e8m0", "mxfp4~mx(even)"],
    ["mxfp4~mx(rceil)", "e2m1/32:e8m0@up"],
    ["mxfp4~rceil", "e2m1/32:e8m0@up"],
    ["e4m3/32~mx(rceil):e8m0", "e4m3/32:e8m0@up"],
    ["e2m1/32~mx(rceil):f16", "e2m1/32~rceil:f16"],
    ["int8/64~mx(rceil)", "int8/64~rceil"],
    ["e2m1/32:e8m0@up", "e2m1/32:e8m0@up"],
    ["nvfp4", "nvfp4"],
    ["e2m1/16:e4m3/tensor", "nvfp4"],
    ["e2m1@sr(seed=3)/16:e4m3/tensor", "nvfp4@sr(seed=3)"],
    ["int4/128:uint8/row:f16", "int4/128:uint8/row:f16"],
    ["bnb_nf4", "bnb_nf4"],
    ["bnb_nf4(sat=nan)", "nf4(sat=nan,arith=bnb)/flat(64):dynamic8(offset=mean)/flat(256)"],
    ["int4/128~mse(p=2.4,grid=100)", "int4/128~mse(p=2.4)"],
    ["int4/128~pct(99.9)", "int4/128~pct(99.9)"],
    ["int4/128~rms(2.92)", "int4/128~rms(2.92)"],
    ["rht(128,seed=7)+int4@sr(seed=1)/128:f16", "rht(128,seed=7)+int4@sr(seed=1)/128:f16"],
    ["nvfp4/32", "nvfp4/32"],
    ["mxfp4:f16", "e2m1/32~mx(floor):f16"],
    ["nf4/128", "nf4/128"],
  ])("of %s is %s", (text, short) => expect(canonical(text)).toBe(short));

  it.each([
    ["a default that is written", "int4(narrow,sat=clamp,frac=0)@rne/64~absmax:f32", "int4/64"],
    ["min-max where a format is affine", "int4(asym)/64~minmax", "int4(asym)/64"],
    ["a tile of one row", "int4/1x64", "int4/64"],
    ["zeros before a number", "rht(0128,seed=007)+int4/064", "rht(128,seed=7)+int4/64"],
    ["arguments in another order", "int4/64~mse(grid=50,p=3)", "int4/64~mse(p=3,grid=50)"],
    ["a sign or a point more than needed", "codebook(+.5,1.50)", "codebook(0.5,1.5)"],
    ["brackets around a name", "int4(asym,zp=(int8))/64", "int4(asym,zp=int8)/64"],
    ["a preset's option that is taken back", "bnb_nf4(arith=exact)", "nf4/flat(64):dynamic8(offset=mean)/flat(256)"],
    ["a rule that is taken back", "mxfp6~absmax:f16", "e2m3/32:f16"],
    ["a scale that is taken back", "nvfp4:f32", "e2m1/16"],
    ["a word without its key", "int4(clamp,poison)/64", "int4(nonfinite=poison)/64"],
    ["an alias inside an argument", "int4(asym,zp=(e2m1/16:e4m3/tensor))/64", "int4(asym,zp=nvfp4)/64"],
  ])("leaves out or shortens %s", (_, text, short) => expect(canonical(text)).toBe(short));

  it("prints the mx rule with its word", () => {
    expect(canonical("int8/64~mx")).toBe("int8/64~mx(floor)");
  });

  it.each(vocabulary.aliases.map((a) => a.name))("of the alias %s is its own name, or shorter", (name) => {
    const text = canonical(name);
    expect(text === name || text.length < name.length).toBe(true);
    expect(parseRecipe(text)).toEqual(parseRecipe(name));
  });

  it.each([
    ["e2m1/16:f16", "e2m1/16:f16", "an alias stands for its scales too"],
    ["bnb_fp4/32", "bnbfp4(arith=bnb)/32", "a preset is printed for its own tree alone"],
    ["e2m1/32:e8m0", "e2m1/32:e8m0", "equally short, the plain spelling comes first"],
    ["e2m1(zero=1)/16:e4m3/tensor", "nvfp4(zero=1)", "an alias with an option, shorter than one without"],
  ])("of %s is the shortest spelling, %s: %s", (text, short) => expect(canonical(text)).toBe(short));
});

describe("the registered names", () => {
  const { formats, roundings, rules, steps, aliases } = vocabulary;
  const names = [formats, roundings, rules, steps, aliases].flatMap((list) => list.map((e) => e.name));

  it("are disjoint, so that a word tells what it is", () => {
    expect(names.filter((name, i) => names.indexOf(name) !== i)).toEqual([]);
    const others = [roundings, rules, steps, aliases].flatMap((list) => list.map((e) => e.name));
    expect(others.filter((name) => vocabulary.format(name))).toEqual([]);
  });

  it("are names of the grammar", () => {
    for (const name of names) expect(name).toMatch(/^[a-z][a-z0-9_]*$/);
  });
});

describe("trees that were not parsed", () => {
  const recipe: Recipe = {
    before: [{ name: "rht", args: [{ key: "n", value: { type: "number", value: 64 } }] }],
    quantizer: plain("int4", {
      base: { name: "int4", args: [{ key: "range", value: { type: "word", value: "full" } }] },
      rounding: { name: "rne", args: [] },
      block: { kind: "tile", rows: 1, cols: 32 },
      rule: { name: "absmax", args: [] },
      scale: plain("f32"),
    }),
    after: [],
  };

  it("are normalized before they are printed", () => {
    expect(printRecipe(recipe)).toBe("rht(64,seed=0)+int4(full)/32");
    expect(normalizeRecipe(recipe)).toEqual(parseRecipe("rht(64)+int4(full)/32"));
  });

  it.each<[string, Recipe, string]>([
    ["an unknown format", { ...recipe, quantizer: plain("int9") }, '"int9" is not a format'],
    ["a rounding as a format", { ...recipe, quantizer: plain("sr") }, '"sr" is not a format'],
    [
      "a rule without a block",
      { ...recipe, quantizer: plain("int4", { rule: { name: "mse", args: [] } }) },
      "a scale rule or a scale format needs a block",
    ],
    [
      "a block of nothing",
      { ...recipe, quantizer: plain("int4", { block: { kind: "run", n: 0 } }) },
      "a block has whole numbers from 1 to 2147483648",
    ],
    ["a step in the wrong place", { ...recipe, after: recipe.before }, '"rht" stands before the quantizer'],
    [
      "a step without its size",
      { ...recipe, before: [{ name: "ht", args: [] }] },
      '"ht" needs n=: block along the row',
    ],
  ])("with %s are refused", (_, tree, message) => expect(() => printRecipe(tree)).toThrow(message));
});

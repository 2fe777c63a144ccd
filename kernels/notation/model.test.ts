import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { RecipeError } from "../grammar/errors.ts";
import { legalInFragment, matchRule, parseModelRecipe, parseRecipe, printModelRecipe, ruleFinder } from "./index.ts";

const text = "*.ffn_down.*=nf4/64;*norm*=f32;*=int4(asym)/64:f16";

describe("a model recipe", () => {
  it("is rules of a pattern and a recipe", () => {
    expect(parseModelRecipe(text)).toEqual([
      { pattern: "*.ffn_down.*", recipe: parseRecipe("nf4/64") },
      { pattern: "*norm*", recipe: parseRecipe("f32") },
      { pattern: "*", recipe: parseRecipe("int4(asym)/64:f16") },
    ]);
  });

  it("is printed with canonical recipes and read back", () => {
    expect(printModelRecipe(parseModelRecipe(text))).toBe(text);
    const rules = parseModelRecipe("a?c/*=e2m1/16:e4m3/tensor;*=rht(64)+int4@sr");
    const printed = printModelRecipe(rules);
    expect(printed).toBe("a?c/*=nvfp4;*=rht(64,seed=0)+int4@sr(seed=0)");
    expect(parseModelRecipe(printed)).toEqual(rules);
    expect(legalInFragment(printed)).toBe(true);
  });

  it("may have a rule a line, as files do; columns are those of the whole text", () => {
    expect(parseModelRecipe("\n *.ffn_down.*=nf4/64 ;\n*norm*=f32;\n\t*=int4(asym)/64:f16\n")).toEqual(
      parseModelRecipe(text),
    );
    expect(() => parseModelRecipe("a=f32;\n  *=int4/x")).toThrow(expect.objectContaining({ column: 17 }));
    expect(() => parseModelRecipe("a=f32; \n")).toThrow(expect.objectContaining({ column: 9 }));
    expect(() => parseModelRecipe(" \n ")).toThrow(RecipeError);
  });

  it("keeps as stored what a rule names so, whatever a later rule says", () => {
    const rules = parseModelRecipe("*norm*=keep;*=int4/64");
    expect(rules[0]).toEqual({ pattern: "*norm*", recipe: null });
    expect(matchRule(rules, "final_norm.weight")?.recipe).toBeNull();
    expect(printModelRecipe(rules)).toBe("*norm*=keep;*=int4/64");
    expect(() => parseModelRecipe("*=keep/64")).toThrow(RecipeError);
  });

  it("gives a tensor the first rule that matches its whole name", () => {
    const rules = parseModelRecipe(text);
    const pick = (name: string) => rules.indexOf(matchRule(rules, name)!);
    expect(pick("blocks.0.ffn_down.weight")).toBe(0);
    expect(pick("blocks.0.ffn_down.norm")).toBe(0);
    expect(pick("final_norm.weight")).toBe(1);
    expect(pick("ffn_down")).toBe(2);
    expect(matchRule(rules.slice(0, 2), "blocks.0.attn.wq")).toBeNull();
  });

  it.each([
    ["a", "a", true],
    ["a", "A", false],
    ["a", "ab", false],
    ["a.b", "axb", false],
    ["*", "", true],
    ["?", "", false],
    ["a?c", "a.c", true],
    ["*b", "abab", true],
    ["a*b*c", "a-b-b-c", true],
    ["a*b*c", "a-c-b", false],
    ["**", "any/thing:0", true],
    ["*.w?.*", "h.0.wq.weight", true],
    ["[a]+", "[a]+", true],
  ])("the pattern %s over %s: %s", (pattern, name, match) => {
    const recipe = parseRecipe("f32");
    expect(matchRule([{ pattern, recipe }], name) !== null).toBe(match);
  });

  it("matches a hostile pattern in no time", () => {
    const recipe = parseRecipe("f32");
    expect(matchRule([{ pattern: `${"*a".repeat(500)}b`, recipe }], "a".repeat(5000))).toBeNull();
  });

  const wanted = "expected pattern=recipe, such as *=int4/64";
  it.each([
    ["", 1, wanted],
    ["int4/64", 1, wanted],
    ["int4(half)/64;*=f32", 1, wanted],
    ["rht(64,seed=7)+int4", 1, wanted],
    ["=int4", 1, wanted],
    ["a b=int4", 1, wanted],
    ["*=int4;", 8, wanted],
    ["*=int4;;b=int4", 8, wanted],
    ["*=", 3, "the recipe is empty: expected a format, an alias or a step, such as int4/128 or mxfp4"],
    ["a=f32;*=int4@rn;c=f32", 14, 'unknown name "rn": expected a rounding; did you mean "rne"?'],
    ["a=int4/;c=f32", 8, "the text ends here: expected a block: N, RxC, row, col, tensor or flat(N)"],
    ["*.ffn_down.*=q6_m", 14, 'unknown name "q6_m": expected a format, an alias or a step; did you mean "q6_k"?'],
    ["a".repeat(140_000), 131_073, "a model recipe has at most 131072 characters, and this has 140000"],
  ])("%s is refused", (wrong, column, message) => {
    try {
      parseModelRecipe(wrong);
      expect.unreachable();
    } catch (error) {
      expect(error).toBeInstanceOf(RecipeError);
      expect((error as RecipeError).message).toBe(message);
      expect((error as RecipeError).column).toBe(column);
    }
  });

  it("gives every name the rule that it has, also where many names are asked for", () => {
    const pattern = fc.string({ unit: fc.constantFrom("a", "b", ".", "*", "?"), minLength: 1, maxLength: 8 });
    const name = fc.string({ unit: fc.constantFrom("a", "b", "."), maxLength: 8 });
    fc.assert(
      fc.property(fc.array(pattern), fc.array(name), (patterns, names) => {
        const rules = patterns.map((one) => ({ pattern: one, recipe: null }));
        const find = ruleFinder(rules);
        for (const one of names) expect(find(one)).toBe(matchRule(rules, one));
      }),
    );
  });

  it("with a pattern that could not be read is not written", () => {
    const recipe = parseRecipe("f32");
    expect(() => printModelRecipe([{ pattern: "a=b", recipe }])).toThrow('"a=b" cannot be a pattern');
  });
});

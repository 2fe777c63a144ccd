import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { RecipeError } from "../grammar/errors.ts";
import { arbitraryRecipe } from "../notation/arbitrary.ts";
import { legalInFragment, normalizeRecipe, parseDefinition, parseRecipe, printRecipe } from "../notation/index.ts";
import { namesOf } from "../notation/parse.ts";
import { testVocabulary } from "../notation/testing.ts";
import { expandSweep, partsOf } from "./expand.ts";
import { choiceAt, compose, countRecipes, type Grid, MAX_RECIPES, tidy } from "./grid.ts";
import { parseSweep, printSweep } from "./index.ts";

const texts = (text: string) => expandSweep(parseSweep(text)).recipes.map((r) => r.text);

/** The mistake in a text: its column, then what is said. */
function mistake(text: string): string {
  try {
    parseSweep(text);
  } catch (error) {
    if (error instanceof RecipeError) return `${error.column}: ${error.message}`;
    throw error;
  }
  return "none";
}

describe("a grid", () => {
  it("is every combination of its sets, the last set turning fastest", () => {
    expect(texts("(int4,nf4)/(16,row):(f32,f16)")).toEqual([
      "int4/16",
      "int4/16:f16",
      "int4/row",
      "int4/row:f16",
      "nf4/16",
      "nf4/16:f16",
      "nf4/row",
      "nf4/row:f16",
    ]);
  });

  it("takes steps, or none of them", () => {
    expect(texts("(none,rht(64,seed=1))+(ht(32),none)+int4/64")).toEqual([
      "ht(32)+int4/64",
      "int4/64",
      "rht(64,seed=1)+ht(32)+int4/64",
      "rht(64,seed=1)+int4/64",
    ]);
  });

  it("takes aliases and whole recipes as bases, which its parts override", () => {
    expect(texts("(mxfp4,nvfp4,int4/64:f16)")).toEqual(["mxfp4", "nvfp4", "int4/64:f16"]);
    expect(texts("(mxfp4,int4/64:f16)/(none,16)")).toEqual(["mxfp4", "mxfp4/16", "int4/64:f16", "int4/16:f16"]);
    expect(texts("(ht(64)+int4,nf4)/64")).toEqual(["ht(64)+int4/64", "nf4/64"]);
  });

  it("takes a direct cast beside blocks", () => {
    const plan = expandSweep(parseSweep("e4m3/(none,32)~(absmax,mse):(f32,f16)"));
    expect(plan.recipes.map((r) => r.text)).toEqual([
      "e4m3",
      "e4m3/32",
      "e4m3/32:f16",
      "e4m3/32~mse",
      "e4m3/32~mse:f16",
    ]);
    expect(plan.skipped).toEqual([
      {
        reason: "without a block there is no scale, and so no rule or storage for one",
        count: 3,
        example: "e4m3~absmax:f16",
      },
    ]);
  });

  it("may be a list, or several grids", () => {
    expect(texts("int4/64;nf4/(16,32);mxfp4")).toEqual(["int4/64", "nf4/16", "nf4/32", "mxfp4"]);
  });

  it("understands definitions", () => {
    const definitions = [parseDefinition("my3:=codebook(-1,0,1)")];
    const grids = parseSweep("(my3,int4)/(16,32)", { definitions });
    expect(expandSweep(grids, { definitions }).recipes.map((r) => r.text)[1]).toBe("my3/32");
  });
});

describe("expansion", () => {
  it("takes once what means the same, and counts the rest", () => {
    const plan = expandSweep(parseSweep("(int4,int4(narrow))/32~(absmax,none);int4/32"));
    expect(plan.recipes.map((r) => r.text)).toEqual(["int4/32"]);
    expect({ ...plan, recipes: [] }).toEqual({ recipes: [], combinations: 3, duplicates: 2, skipped: [] });
  });

  it("leaves out what makes no sense, with the reason", () => {
    const plan = expandSweep(parseSweep("(int4,nf4,int4(asym))/(32,64)~(absmax,mx(floor))"));
    expect(plan.recipes).toHaveLength(8);
    expect(plan.skipped).toEqual([
      { reason: "~mx is for floats and integers", count: 2, example: "nf4/32~mx(floor)" },
      {
        reason: "~mx is for symmetric formats; affine integers take ~minmax, ~pct or ~mse",
        count: 2,
        example: "int4(asym)/32~mx(floor)",
      },
    ]);
  });

  it("counts before it expands, and refuses too many", () => {
    const set = (n: number) => `(${Array.from({ length: n }, (_, i) => i + 1).join()})`;
    const grids = parseSweep(`(int4,nf4)@(rne,away)/${set(1025)}`);
    expect(countRecipes(grids)).toBe(4100);
    expect(() => expandSweep(grids)).toThrow(`the grid makes 4100 recipes, and a sweep takes at most ${MAX_RECIPES}`);
  });

  it("tells the parts of each recipe, with what is understood", () => {
    const [{ parts }] = expandSweep(parseSweep("rht(64,seed=2)+nvfp4@sr(seed=1)")).recipes;
    expect(parts).toEqual({
      steps: "rht(64,seed=2)",
      base: "e2m1",
      rounding: "sr(seed=1)",
      block: "16",
      rule: "absmax",
      scale: "e4m3/tensor",
      corrections: "none",
    });
    const cast = partsOf(namesOf({}), parseRecipe("e4m3"));
    expect(cast).toMatchObject({ steps: "none", rounding: "rne", block: "none", rule: "none", scale: "none" });
    expect(partsOf(namesOf({}), parseRecipe("int4(asym)/32"))).toMatchObject({ rule: "minmax", scale: "f32" });
  });
});

describe("mistakes", () => {
  it.each([
    ["", "1: the sweep is empty: expected a recipe or a grid, such as int4/(16,32,64)"],
    ["int4/64;", "9: the recipe is empty: expected a format, an alias or a step, such as int4/128 or mxfp4"],
    ["int4/64;int9/(1,2)", '9: unknown name "int9": expected a format, an alias or a step; did you mean "int8"?'],
    ["int4/(16,x)", '10: "x" is no block: expected a block: N, RxC, row, col, tensor or flat(N)'],
    ["int4/(16,32", '12: expected ")" for the bracket opened at column 6'],
    ["(int4,nf4", '10: expected ")" for the bracket opened at column 1'],
    ["(int4,nf4)/16)", '14: unexpected ")": no bracket is open here'],
    ["(int4,)/16", "7: the recipe is empty: expected a format, an alias or a step, such as int4/128 or mxfp4"],
    ["int4@(rne,up,mse)/4", '14: "mse" is a scale rule and follows "~": expected a rounding'],
    ["int4/4~(mse(p=x))", '15: "x" does not fit p=: expected a number from 0.1 to 16'],
    [
      "(int4,nf4)~mse/(16,32)",
      '15: unexpected "/": expected a part of a quantizer, "+" or the end; ' +
        "the parts of a quantizer are written base@rounding/block~rule:scale",
    ],
    ["(int4,rht(8))/4", "2: a set holds steps or formats, not both: expected what the set begins with"],
    [
      "(none,ht(8))",
      '13: a recipe needs a quantizer: expected "+" and a format, an alias or a set of them after its steps',
    ],
    ["(int4,nf4)+(none,ht(8))", '18: "ht" acts on the input: it stands before the quantizer'],
    ["(int4,nf4)+mxfp4", "12: a recipe has one quantizer, and this is a second: expected a step"],
    ["(none,ht(8))/16+int4", '13: unexpected "/": expected "+" or the end after a set of steps'],
    ["int4/(16,32):(f16,e9m9)", '19: unknown name "e9m9": expected a format, an alias or a step'],
    ["(int4)~(mse)", "1: without a block there is no scale, and so no rule or storage for one"],
    ["int4/(16, 32)", "10: a recipe has no spaces: expected a block: N, RxC, row, col, tensor or flat(N)"],
  ])("%s", (text, said) => expect(mistake(text)).toContain(said));
});

const vocabulary = testVocabulary;
const options = { vocabulary };
const names = namesOf(options);

/** Grids as the controls of a page may make them: sets drawn from recipes, in no particular form. */
const arbitraryGrid: fc.Arbitrary<Grid> = fc
  .array(arbitraryRecipe({ vocabulary, levels: 1 }), { minLength: 1, maxLength: 5 })
  .chain((recipes) => {
    const set = <T>(items: (T | null)[]) =>
      fc.subarray([null, ...items.filter((i) => i !== null)], { minLength: 1 }).map((chosen) => chosen.slice(0, 2));
    const quantizers = recipes.map((r) => r.quantizer);
    const bare = recipes.map((r) =>
      normalizeRecipe(
        {
          before: [],
          after: [],
          quantizer: { base: r.quantizer.base, rounding: null, block: null, rule: null, scale: null },
        },
        options,
      ),
    );
    return fc.record({
      steps: fc.array(set(recipes.flatMap((r) => r.before)), { maxLength: 2 }),
      bases: fc.subarray([...recipes, ...bare], { minLength: 1 }).map((chosen) => chosen.slice(0, 2)),
      roundings: set([...quantizers.map((q) => q.rounding), { name: "rne", args: [] }]),
      blocks: set(quantizers.map((q) => q.block)),
      rules: set([...quantizers.map((q) => q.rule), { name: "absmax", args: [] }]),
      scales: set(quantizers.map((q) => q.scale)),
      corrections: fc.array(set(recipes.flatMap((r) => r.after)), { maxLength: 1 }),
    });
  });

/** The recipes of a grid by definition: all choices, those left out that cannot be put together. */
function product(grid: Grid): Set<string> {
  const out = new Set<string>();
  for (let i = 0; i < countRecipes([grid]); i++) {
    try {
      out.add(printRecipe(compose(names, choiceAt(grid, i)), options));
    } catch (error) {
      if (!(error instanceof RecipeError)) throw error;
    }
  }
  return out;
}

describe("printing and parsing", () => {
  it("are inverse, keep the recipes and use legal characters", () => {
    fc.assert(
      fc.property(arbitraryGrid, (grid) => {
        const recipes = product(grid);
        if (recipes.size === 0 && countRecipes([tidy(grid)]) === 1) {
          expect(() => printSweep([grid], options)).toThrow(RecipeError);
          return;
        }
        const text = printSweep([grid], options);
        const read = parseSweep(text, options);
        expect(legalInFragment(text)).toBe(true);
        expect(product(read[0])).toEqual(recipes);
        const again = printSweep(read, options);
        expect(parseSweep(again, options)).toEqual(read);
        expect(printSweep(parseSweep(again, options), options)).toBe(again);
      }),
      { numRuns: 100 },
    );
  });

  it("write one recipe as that, where two choices of a part mean the same", () => {
    const base = parseRecipe("nf4@inward", options);
    const grid: Grid = {
      ...parseSweep("nf4", options)[0],
      bases: [base],
      roundings: [null, base.quantizer.rounding],
      rules: [{ name: "absmax", args: [] }],
    };
    expect(countRecipes([grid])).toBe(2);
    expect(printSweep([grid], options)).toBe("nf4@inward");
  });

  it("take any recipe for a grid of one", () => {
    fc.assert(
      fc.property(arbitraryRecipe({ vocabulary }), (recipe) => {
        const text = printRecipe(recipe, options);
        expect(printSweep(parseSweep(text, options), options)).toBe(text);
      }),
    );
  });

  it("expand as the recipes written one by one", () => {
    const sets = [
      ["int4", "nf4", "mxfp4"],
      ["rne", "away"],
      ["16", "row"],
      ["absmax", "mse"],
      ["f32", "f16"],
    ];
    const [bases, roundings, blocks, rules, scales] = sets;
    const grid = `(${bases})@(${roundings})/(${blocks})~(${rules}):(${scales})`;
    const list = bases.flatMap((b) =>
      roundings.flatMap((r) =>
        blocks.flatMap((k) => rules.flatMap((u) => scales.map((s) => `${b}@${r}/${k}~${u}:${s}`))),
      ),
    );
    expect(texts(grid)).toEqual([...new Set(list.map((text) => printRecipe(parseRecipe(text))))]);
  });
});

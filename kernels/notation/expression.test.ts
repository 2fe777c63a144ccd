import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  canonicalExpression,
  evaluateExpression,
  printExpression,
  readExpression,
  VARIABLES,
} from "../grammar/expression.ts";
import { prepareRecipe } from "../prepare/prepare.ts";
import { arbitraryExpression } from "./arbitrary.ts";
import { complete, parseRecipe, printRecipe } from "./index.ts";

const planOf = (recipe: ReturnType<typeof parseRecipe>) => prepareRecipe(recipe, [], 8, 64);
const of = { amax: 6, min: -6, max: 3, mean: 0.25, rms: 2, n: 16, qmax: 7 };
const value = (text: string) => evaluateExpression(readExpression(text).tree, of);

describe("an expression", () => {
  it.each([
    ["amax/6*1.03", 1.03],
    ["amax-rms-mean", 3.75],
    ["amax-(rms-mean)", 4.25],
    ["-min/2", 3],
    ["sqrt(n)*rms/amax", 8 / 6],
    ["(max-min)/(2*qmax+1)", 0.6],
    ["2*-min", 12],
    [".5", 0.5],
  ])("%s is %d", (text, wanted) => expect(value(text)).toBe(wanted));

  it("is what its text says, and the text what it says", () => {
    fc.assert(
      fc.property(arbitraryExpression, (tree) => {
        const text = printExpression(tree);
        const read = readExpression(text);
        expect([read.tree, read.end]).toEqual([tree, text.length]);
        expect(canonicalExpression(text)).toBe(text);
        // JavaScript agrees, but for what it writes otherwise.
        const names = VARIABLES.filter((name) => text.includes(name));
        const script = new Function(...names, "sqrt", `return ${text.replaceAll("--", "- -").replaceAll("--", "- -")}`);
        expect(evaluateExpression(tree, of)).toBe(script(...names.map((name) => of[name]), Math.sqrt));
      }),
      { numRuns: 300 },
    );
  });

  it.each([
    ["((amax))/(6)*(1.03)", "amax/6*1.03"],
    ["amax/(6*2)", "amax/(6*2)"],
    ["(amax*2)/6", "amax*2/6"],
    ["amax*00.50", "amax*0.5"],
  ])("%s is written %s", (text, wanted) => expect(canonicalExpression(text)).toBe(wanted));
});

describe("in a recipe", () => {
  it("it is read and written, alone and within others", () => {
    expect(printRecipe(parseRecipe("e2m1/16~expr(amax/6*1.03):e4m3/tensor"))).toBe("nvfp4~expr(amax/6*1.03)");
    expect(printRecipe(parseRecipe("int4/32~expr((amax)/(qmax)+rms*0):f16"))).toBe("int4/32~expr(amax/qmax+rms*0):f16");
    expect(printRecipe(parseRecipe("int4+lowrank(4,factors=(int8/row~expr(rms/qmax)))"))).toBe(
      "int4+lowrank(4,factors=(int8/row~expr(rms/qmax)))",
    );
  });

  it.each([
    ["int4/32~expr()", 14, "expected a number"],
    ["int4/32~expr(amax/)", 19, "expected a number"],
    ["int4/32~expr(amax/foo)", 19, 'unknown name "foo"'],
    ["int4/32~expr(amax 6)", 18, "a recipe has no spaces"],
    ["int4/32~expr(amax,6)", 19, "twice"],
    ["int4/32~expr(sqrt amax)", 18, 'expected "("'],
    ["int4/32~expr((amax)", 20, "the text ends here"],
    [`int4/32~expr(${"(".repeat(40)}amax`, 47, "nested too deep"],
    ["int4(asym)/32~expr(amax)", null, "~expr is for symmetric formats"],
  ] as const)("%s says what is wrong", (text, column, message) => {
    const run = () => {
      const recipe = parseRecipe(text);
      return column === null ? planOf(recipe) : recipe;
    };
    expect(run).toThrow(message);
    try {
      run();
    } catch (error) {
      expect((error as { column: number | null }).column).toBe(column);
    }
  });

  it("what may stand at the cursor is offered", () => {
    const words = (text: string) => complete(text, text.length).options.map((option) => option.text);
    expect(words("int4/32~expr(am")).toContain("amax");
    expect(words("int4/32~expr(amax/q")).toContain("qmax");
    expect(words("int4/32~expr(")).toEqual(expect.arrayContaining(["amax", "rms"]));
  });
});

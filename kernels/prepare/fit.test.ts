import { describe, expect, it } from "vitest";
import { parseDefinition, parseRecipe, printRecipe } from "../notation/index.ts";
import { withoutMisfits } from "./fit.ts";
import { prepareRecipe } from "./prepare.ts";

const left = (text: string, cols: number) => {
  const fitted = withoutMisfits(parseRecipe(text), [], cols);
  return fitted && { text: printRecipe(fitted.recipe), reason: fitted.reason };
};

describe("a recipe some of whose steps do not fit", () => {
  it("is what is left without them, which fits", () => {
    expect(left("rht(64,seed=0)+int4/32", 96)).toEqual({
      text: "int4/32",
      reason: expect.stringMatching(/^rht\(64/),
    });
    expect(left("ht(64)+rht(32,seed=1)+int4/32", 96)?.text).toBe("rht(32,seed=1)+int4/32");
    const fitted = withoutMisfits(parseRecipe("ht(64)+ht(32)+int4/32"), [], 96);
    expect(prepareRecipe(fitted!.recipe, [], 8, 96).text).toBe("ht(32)+int4/32");
  });

  it("is none where all fit, or where the quantizer is what does not", () => {
    expect(left("rht(32,seed=0)+int4/32", 96)).toBeNull();
    expect(left("q4_k", 96)).toBeNull();
    const my = parseDefinition("my:=codebook(-1,0,1)");
    expect(withoutMisfits(parseRecipe("ht(8)+my/8", { definitions: [my] }), [my], 8)).toBeNull();
  });
});

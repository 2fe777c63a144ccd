import { expect, it } from "vitest";
import { stepsOf } from "./useAfterSteps.ts";

it("names the steps before a quantizer as the notation writes them", () => {
  const steps = (recipe: string, definitions: string[] = []) => stepsOf({ recipe, definitions });
  expect(steps("rht(64)+nvfp4")).toBe("rht(64,seed=0)");
  expect(steps("ht(16)+rht(8,seed=2)+my/64", ["my:=codebook(-1,0,1)"])).toBe("ht(16)+rht(8,seed=2)");
  expect(steps("ht(16)+gptq+int4/64")).toBe("ht(16)");
  expect(steps("hqq+int4(asym)/64")).toBeNull();
  expect(steps("int4/64:f16")).toBeNull();
  expect(steps("nonsense(")).toBeNull();
});

import { expect, it } from "vitest";
import { parseRecipe } from "../../kernels/notation/index.ts";
import { ruleChoices } from "./choices.ts";

/** Labels by the values that stand for them; the usual rule is no text at all. */
const offered = (recipe: string) =>
  new Map(ruleChoices(parseRecipe(recipe).quantizer)[0].choices.map(({ value, label }) => [value, label]));

it("the usual scale rule goes by its name, which is another for affine formats", () => {
  expect(offered("int4/64").get("")).toBe("absmax");
  expect(offered("nf4/64").get("minmax")).toBe("minmax");
  const affine = offered("int4(asym)/64");
  expect([affine.get(""), affine.has("absmax"), affine.has("minmax")]).toEqual(["minmax", false, false]);
  expect([...affine.values()]).toContain("mse");
});

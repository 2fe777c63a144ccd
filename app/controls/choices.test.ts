import { expect, it } from "vitest";
import { parseRecipe } from "../../kernels/notation/index.ts";
import { vocabulary } from "../../kernels/notation/vocabulary.ts";
import { elementChoices, ruleChoices } from "./choices.ts";

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

it("every format stands in one group of its family, and none is left out", () => {
  const groups = elementChoices([]).slice(0, -1);
  expect(groups.map(({ label }) => label)).toEqual([
    "Integers",
    "Floats",
    "Codebooks",
    "Whole blocks (ggml)",
    "Unsigned and bipolar integers",
    "Vectors",
  ]);
  const names = groups.flatMap(({ choices }) => choices.map(({ value }) => value));
  expect(new Set(names).size).toBe(names.length);
  expect(new Set(names)).toEqual(new Set(vocabulary.formats.map(({ name }) => name)));
  const of = (name: string) => groups.find(({ choices }) => choices.some(({ value }) => value === name))?.label;
  expect(["int4", "uint8", "e8m0", "f32", "nf4", "codebook", "q4_k", "given", "vq"].map(of)).toEqual([
    "Integers",
    "Unsigned and bipolar integers",
    "Floats",
    "Floats",
    "Codebooks",
    "Codebooks",
    "Whole blocks (ggml)",
    "Whole blocks (ggml)",
    "Vectors",
  ]);
});

import { expect, it } from "vitest";
import { toolExport, withoutWords } from "./texts.ts";

const without = [
  ...["a", "b", "c"].map((name) => ({ name, recipe: "nf4/64", why: "it has no such type" })),
  { name: "d", recipe: "int3/32", why: "no three bits" },
];

it("tells tensors with one reason once, before what the tool does otherwise", () => {
  expect(withoutWords(without)).toEqual([
    "3 tensors are not in it, nf4/64: it has no such type (a, b and 1 more).",
    "1 tensor is not in it, int3/32: no three bits (d).",
  ]);
  const texts = [{ file: "recipe.yaml", title: "Recipe", text: "x" }];
  const { limits, refused } = toolExport({
    tool: "mlx",
    texts,
    without: without.slice(3),
    notes: ["Scales are float16."],
  });
  expect(limits).toEqual(["1 tensor is not in it, int3/32: no three bits (d).", "Scales are float16."]);
  expect(refused).toBeNull();
});

import { expect, test } from "vitest";
import type { BoundPart } from "../models/model.ts";
import { NO_RECIPE, readModelRecipe } from "./recipe.ts";

const bound = (tensor: string, linear = true, role = "q_proj") =>
  ({ part: { linear, role }, stored: { tensor } }) as unknown as BoundPart;
const q = bound("layers.0.q_proj.weight");
const read = (over: Partial<typeof NO_RECIPE>) => readModelRecipe({ ...NO_RECIPE, ...over }, []);

test("rules are for the tensors that they name, and nothing is where no rule is", () => {
  const rules = read({ weights: "*norm*=keep;*q_proj*=int4/128:f32;*=int8/row" });
  expect(rules.text.weights).toBe("*norm*=keep;*q_proj*=int4/128;*=int8/row");
  expect(rules.weight(q)).toBe("int4/128");
  expect(rules.weight(bound("norm.weight", false, "norm"))).toBeNull();
  expect(rules.weight(bound("embed.weight", false, "embedding"))).toBe("int8/row");
  expect(read({}).weight(q)).toBeNull();
  expect(read({}).taps).toBe(false);
});

test("a recipe without a pattern is for linear weights of the layers", () => {
  const { weight } = read({ weights: "int4/128" });
  expect(weight(q)).toBe("int4/128");
  expect(weight(bound("embed.weight", false, "embedding"))).toBeNull();
  expect(weight(bound("head.weight", true, "head"))).toBeNull();
});

test("inputs have rules of their own, whose scales are found when the word before the recipe says", () => {
  const { text, input, taps } = read({ activations: "*q_proj*=static int8/tensor;*norm*=keep;*=dynamic int4/row" });
  expect(text.activations).toBe("*q_proj*=static int8/tensor;*norm*=keep;*=int4/row");
  expect(input(q)?.scales).toBe("static");
  expect(input(bound("layers.0.k_proj.weight"))?.scales).toBe("dynamic");
  expect(input(bound("layers.0.norm.weight"))).toBeNull();
  expect(taps).toBe(true);
  expect(read({ activations: "static int8/tensor" }).input(q)?.scales).toBe("static");
});

test("a cache has rules by layer, part and head", () => {
  const { cache } = read({ cache: "*.keys.*=int4/32x1;*=int4/row" });
  expect(cache("model.layers.0.self_attn.keys.1")?.quantizer.block).toMatchObject({ rows: 32, cols: 1 });
  expect(cache("model.layers.0.self_attn.values.1")?.quantizer.block).toEqual({ kind: "row" });
});

test("a mistake says in which list it is, and where", () => {
  expect(() => read({ weights: "*=int4/" })).toThrow(expect.objectContaining({ column: 8 }));
  expect(() => read({ activations: "*=static int4/" })).toThrow(
    expect.objectContaining({ column: 15, message: expect.stringMatching(/^activations: /) }),
  );
  expect(() => read({ cache: "*=what/row" })).toThrow(/^KV cache: /);
});

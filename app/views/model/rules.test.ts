import { describe, expect, it } from "vitest";
import { mistakeOf, readModelRules } from "./rules.ts";

const layers = [0, 1].flatMap((layer) => [
  ...["self_attn.q_proj", "self_attn.o_proj", "mlp.down_proj"].map((name) => ({
    ...{ name: `model.layers.${layer}.${name}.weight`, role: name.split(".")[1], linear: true },
  })),
  { name: `model.layers.${layer}.input_layernorm.weight`, role: "norm", linear: false },
]);
const all = [...layers, { name: "lm_head.weight", role: "head", linear: true }];

describe("rules of a model", () => {
  it("touch a tensor by the first that matches, and say what comes too late and what is no weight", () => {
    const { uses, recipeOf, numberOf, mistake } = readModelRules("*down*=keep;model.layers.*=int4/64:f16", all);
    expect(mistake).toBeNull();
    expect(
      uses.map(({ touches, others, late, keeps, recipe }) => [touches.length, others, late, keeps, recipe]),
    ).toEqual([
      [2, 0, 0, true, "keep"],
      [6, 2, 2, false, "int4/64:f16"],
    ]);
    expect(recipeOf("model.layers.0.mlp.down_proj.weight")).toBeNull();
    expect(recipeOf("model.layers.1.self_attn.q_proj.weight")).toBe("int4/64:f16");
    expect(recipeOf("lm_head.weight")).toBeNull();
    expect(all.map(({ name }) => numberOf(name)).slice(2)).toEqual([1, 2, 2, 2, 1, 2, null]);
  });

  it("do not count what only a later rule matches", () => {
    const { uses } = readModelRules("*down*=nvfp4;*=int8/row", all);
    expect(uses.map(({ touches, late }) => [touches.length, late])).toEqual([
      [2, 0],
      [7, 2],
    ]);
  });

  it("are for the layers' linear weights where there is a recipe alone", () => {
    const { uses, recipeOf } = readModelRules(" nvfp4 ", all);
    expect(uses).toMatchObject([{ pattern: null, recipe: "nvfp4", others: 0 }]);
    expect(uses[0].touches).toHaveLength(6);
    expect(recipeOf("lm_head.weight")).toBeNull();
    expect(recipeOf("model.layers.0.input_layernorm.weight")).toBeNull();
  });

  it("are none without text, and a mistake has its column", () => {
    expect(readModelRules(" ", all)).toMatchObject({ uses: [], mistake: null });
    expect(readModelRules("*q*=int4/64;*=banana", all).mistake?.column).toBe(15);
    expect(readModelRules("banana", all).mistake?.column).toBe(1);
    expect(readModelRules("*q_proj*", all).mistake?.message).toMatch(/pattern=recipe/);
  });

  it("of activations may say when scales are found, those of the cache what head", () => {
    expect(mistakeOf("activations", "*=static int8/tensor;*q*=int8/row", [])).toBeNull();
    expect(mistakeOf("activations", "int8/row", [])).toBeNull();
    expect(mistakeOf("activations", "*q*=int8/row;*=static banana", [])?.column).toBe(23);
    expect(mistakeOf("cache", "*.keys.*=int4/col;*.values.*=int4/row", [])).toBeNull();
    expect(mistakeOf("cache", "", [])).toBeNull();
    expect(mistakeOf("cache", "int4/", [])).not.toBeNull();
  });
});

import { describe, expect, it } from "vitest";
import { type MixModel, type MixSource, mixTools } from "../../../../../workers/mixes/types.ts";
import { toolExport, withoutWords } from "./texts.ts";

const weight = (layer: number, role: string, gguf: string): MixSource => ({
  ...{ name: `model.layers.${layer}.${role}.weight`, shape: [256, 256], elements: 65536, dtype: "BF16", bytes: 131072 },
  ...{ view: { split: 1, transpose: false }, layer, role, linear: true },
  ...{
    modules: [`model.layers.${layer}.${role}`],
    gguf: { name: `blk.${layer}.${gguf}.weight`, shape: [256, 256], expert: null },
  },
});
const model: MixModel = {
  ...{
    label: "m",
    architecture: "llama",
    layers: 2,
    heads: 4,
    keyHeads: 4,
    experts: 0,
    tied: false,
    cache: null,
    notes: [],
  },
  tensors: [0, 1].flatMap((layer) => [
    weight(layer, "self_attn.q_proj", "attn_q"),
    weight(layer, "mlp.down_proj", "ffn_down"),
  ]),
};

describe("the mix for another tool", () => {
  it.each(mixTools)("%s takes what it knows, or says why not", (tool) => {
    const rules = tool === "llama.cpp" ? "*q_proj*=q4_k;*=q6_k" : "*q_proj*=int4/32:f16;*=keep";
    const { texts, refused, limits } = toolExport(tool, model, rules, []);
    expect(refused === null).toBe(texts.length > 0);
    if (refused !== null) expect(refused).toMatch(/\.$/);
    for (const limit of limits) expect(limit.length).toBeGreaterThan(10);
  });
  it("has nothing where the tool has nothing like it, and says that instead", () => {
    const { texts, refused } = toolExport("llama.cpp", model, "*=nf4/64", []);
    expect(texts).toEqual([]);
    expect(refused).toMatch(/llama\.cpp/);
    expect(toolExport("mlx", model, "*=banana(", []).refused).toMatch(/expected|unknown/i);
  });
  it("tells tensors with one reason once", () => {
    const without = ["a", "b", "c"].map((name) => ({ name, recipe: "nf4/64", why: "it has no such type" }));
    expect(withoutWords([...without, { name: "d", recipe: "int3/32", why: "no three bits" }])).toEqual([
      "3 tensors are not in it, nf4/64: it has no such type (a, b and 1 more).",
      "1 tensor is not in it, int3/32: no three bits (d).",
    ]);
  });
});

import { describe, expect, it } from "vitest";
import { completeRules, patternsOf } from "./complete.ts";

const weights = [0, 1].flatMap((layer) =>
  ["q_proj", "k_proj"].map((role) => ({ name: `model.layers.${layer}.self_attn.${role}.weight`, layer, role })),
);
const patterns = patternsOf(weights);
const at = (marked: string, words?: string[]) => {
  const cursor = marked.indexOf("|");
  return completeRules(marked.replace("|", ""), cursor, patterns, [], words);
};
const texts = (marked: string, words?: string[]) => at(marked, words).options.map(({ text }) => text);

describe("completion of rules", () => {
  it("offers all weights, roles and layers, with how many they are", () => {
    expect(patterns.map(({ text, describe }) => `${text} ${describe}`)).toEqual([
      "* 4 weights",
      "model.layers.*.self_attn.q_proj.weight 2 weights",
      "model.layers.*.self_attn.k_proj.weight 2 weights",
      "model.layers.0.* 2 weights",
      "model.layers.1.* 2 weights",
    ]);
  });

  it("narrows patterns by what is typed, and leaves the sign that stands there", () => {
    expect(texts("*k_|")).toEqual(["model.layers.*.self_attn.k_proj.weight="]);
    expect(at("*=int4;*k_|pr=nvfp4")).toMatchObject({ from: 7, to: 12 });
    expect(texts("*=int4;*k_|pr=nvfp4")).toEqual(["model.layers.*.self_attn.k_proj.weight"]);
  });

  it("completes a recipe alone, too, which is for all layers", () => {
    expect(at("nvf|")).toMatchObject({ from: 0, to: 3 });
    expect(texts("nvf|")[0]).toBe("nvfp4");
    expect(texts("int4/|")).toContain("128");
    expect(texts("|")).toContain("*=");
    expect(texts("*|")).toEqual(patterns.map(({ text }) => `${text}=`));
  });

  it("completes the recipe of the rule at the cursor alone", () => {
    const { from, to, options } = at("*q*=nvf|;*=int4/64");
    expect([from, to]).toEqual([4, 7]);
    expect(options[0].text).toBe("nvfp4");
    expect(texts("*=k|")).toContain("keep");
    expect(texts("*=int4/64;*=keep|")).toContain("keep");
  });

  it("knows the words before recipes of activations", () => {
    expect(texts("*=st|", ["static", "dynamic"])[0]).toBe("static ");
    const { from, options } = at("*=static int8/t|", ["static", "dynamic"]);
    expect(from).toBe(14);
    expect(options[0].text).toBe("tensor");
  });
});

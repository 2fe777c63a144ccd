import { describe, expect, it } from "vitest";
import { parseRecipe } from "../notation/index.ts";
import { configsOf } from "./index.ts";

const of = (text: string) => {
  const [llama, compressor] = configsOf(parseRecipe(text));
  return { llama, compressor };
};

describe("llama.cpp", () => {
  it.each([
    ["q4_k", "llama-quantize --pure model-f32.gguf model-q4_k_s.gguf Q4_K_S"],
    ["q6_k", "llama-quantize --pure model-f32.gguf model-q6_k.gguf Q6_K"],
    ["iq4_nl", "llama-quantize --pure model-f32.gguf model-iq4_nl.gguf IQ4_NL"],
    ["f32", "llama-quantize model.gguf model-f32.gguf F32"],
  ])("does %s itself", (recipe, text) => {
    expect(of(recipe).llama).toMatchObject({ target: "llama.cpp", text, exact: true });
  });

  it.each([
    ["int8@away/32:f16", / Q8_0$/, "Q8_0 comes near: codes are rounded by the float32 scale"],
    ["int4(signmax)/32:f16", / Q4_0$/, "the recipe q4_0 is exactly that"],
    ["mxfp4", / MXFP4_MOE$/, "other tensors get Q8_0"],
  ])("comes near %s and says how", (recipe, text, note) => {
    const { llama } = of(recipe);
    expect(llama.text).toMatch(text);
    expect(llama.exact).toBe(false);
    expect(llama.note).toContain(note);
  });

  it.each([
    ["rht(64)+q4_k", "llama-quantize has no rht"],
    ["nf4/64", "no block type of ggml has this format with these blocks and scales"],
    ["ggml_nvfp4", "llama-quantize makes no NVFP4; converters write it, and an export to GGUF does"],
    [
      "iq2_xs",
      "llama-quantize makes IQ2_XS with an importance matrix alone (--imatrix); of ones it gives these blocks",
    ],
  ])("has nothing for %s", (recipe, note) => {
    expect(of(recipe).llama).toEqual({ target: "llama.cpp", text: null, exact: false, note });
  });
});

describe("llm-compressor", () => {
  it.each([
    [
      "int4(half)/128:bf16",
      "{num_bits: 4, type: int, symmetric: true, strategy: group, group_size: 128, dynamic: false,",
    ],
    ["int8(half)/row:bf16", "{num_bits: 8, type: int, symmetric: true, strategy: channel, dynamic: false,"],
    [
      "int4(asym)/64:f16",
      "{num_bits: 4, type: int, symmetric: false, strategy: group, group_size: 64, dynamic: false,",
    ],
    ["e4m3/128x128", "strategy: block, block_structure: [128, 128], dynamic: false,"],
    ["e4m3/tensor", "{num_bits: 8, type: float, symmetric: true, strategy: tensor, dynamic: false,"],
    ["mxfp4~mx(even)", "scheme: MXFP4A16"],
  ])("does %s itself", (recipe, text) => {
    const { compressor } = of(recipe);
    expect(compressor.text).toContain(text);
    expect(compressor.exact).toBe(true);
  });

  it.each([
    [
      "int4/128:f16",
      "strategy: group",
      "its symmetric scale is amax/7.5 with one code more below zero, which is int4(half)",
    ],
    [
      "int4(half)/128~shrink(p=2.4,grid=20,least=0.8)",
      "{norm: 2.4, grid: 100, maxshrink: 0.2}",
      "its search stops early",
    ],
    ["int4(half)/128~mse", "{norm: 2, grid: 125, maxshrink: 0.8}", "its search only shrinks the clip, as ~shrink does"],
    ["nvfp4", "scheme: NVFP4A16", "the reciprocal of the tensor's scale"],
    ["mxfp4", "scheme: MXFP4A16", "as mxfp4~mx(even) does"],
    ["mxfp8", "scheme: MXFP8A16", "as mxfp4~mx(even) does"],
    ["int4(half)/64~pct(99)", "strategy: group", "it has no rule like ~pct"],
    ["int4(half)/32:f16@up", "strategy: group", "it rounds scales to nearest, ties to even"],
    ["int4(half)/32:f16(least=0.1)", "strategy: group", "it takes scales as they are, without a least or a mean"],
    ["int4(asym,zp=e4m3)/64:f16", "strategy: group", "its zero points are integers of 4 bits"],
  ])("comes near %s and says how", (recipe, text, note) => {
    const { compressor } = of(recipe);
    expect(compressor.text).toContain(text);
    expect(compressor.exact).toBe(false);
    expect(compressor.note).toContain(note);
  });

  it.each([
    ["e4m3", "it quantizes with scales only: give the recipe a block, such as /row"],
    ["q4_k", "it has no block types of ggml"],
    ["nf4/64", "it has integers, E4M3 and E2M1, and no nf4"],
    ["e2m1(bias=2)/32~mx(even):e8m0", "its E2M1 is OCP's: a bias of 1, and no NaN or Inf"],
    ["e4m3(bias=6)/row", "its E4M3 is OCP's: a bias of 7, and one NaN"],
    ["int8@sr(seed=1)/row", "it rounds to nearest, ties to even"],
    ["int4/col", "its scales are one a tensor, a row, a group of a row or a square block"],
    ["ht(64)+int4/64", "ht is no part of its quantization modifier"],
  ])("has nothing for %s", (recipe, note) => {
    expect(of(recipe).compressor).toEqual({ target: "llm-compressor", text: null, exact: false, note });
  });
});

import { describe, expect, it } from "vitest";
import { sharedFile } from "../../kernels/testing/shared.ts";
import { openPath } from "../sources/node.ts";
import { TensorCache } from "../tensors/cache.ts";
import type { TensorInfo } from "../tensors/info.ts";
import { modelForTest } from "./model-for-test.ts";
import { storedMix, transferred } from "./stored.ts";

const tensor = (name: string, dtype: string, shape: number[], bytes: number): TensorInfo => ({
  ...{
    name,
    dtype,
    shape,
    elements: shape.reduce((a, b) => a * b, 1),
    view: { split: shape.length - 1, transpose: false },
  },
  bytes: { file: "it", begin: 0, end: bytes },
});

function layout(
  name: string,
  kind: { layout: string; recipe: string | null; recipeNote?: string },
  bitsPerWeight: number,
): TensorInfo {
  const { bytes: _, ...info } = tensor(name, "int4", [64, 128], 0);
  const told = { describe: "", source: null, readings: [], recipeNote: null, ...kind };
  return { ...info, stored: { kind: told, bitsPerWeight, parts: [] } };
}

describe("a dropped GGUF file", () => {
  const info = {
    ...{ label: "it.gguf", kind: "gguf" },
    tensors: [
      tensor("token_embd.weight", "Q6_K", [1000, 512], 1000 * 420),
      tensor("blk.0.attn_q.weight", "Q4_K", [512, 512], 512 * 288),
      tensor("blk.0.attn_k.weight", "F16", [512, 512], 2 * 512 * 512),
      tensor("blk.0.attn_v.weight", "Q8_K", [512, 512], 512 * 584),
      tensor("blk.0.attn_norm.weight", "F32", [512], 2048),
      tensor("blk.0.ffn_up_exps.weight", "MXFP4", [4, 1024, 512], 4 * 1024 * 272),
    ],
  };

  it("is a mix: each tensor's type as its recipe, with the bytes that it takes", () => {
    const { rules, tensors, notes, name } = storedMix(info);
    expect(name).toBe("as stored in it.gguf");
    expect(tensors.map(({ recipe }) => recipe)).toEqual(["q6_k", "q4_k", "f16", "keep", "keep", "ggml_mxfp4"]);
    expect(tensors[1]).toEqual({ name: "blk.0.attn_q.weight", recipe: "q4_k", bytes: 512 * 288, bits: 8 * 512 * 288 });
    expect(rules).toBe(
      "token_embd.weight=q6_k;blk.*.attn_q.weight=q4_k;blk.*.attn_k.weight=f16;blk.*.ffn_up_exps.weight=ggml_mxfp4",
    );
    expect(notes).toEqual(["There is no recipe that makes Q8_K. Kept: blk.0.attn_v.weight."]);
  });

  it("is one of another copy of the model under its names, experts sharing their stack's bytes", () => {
    const model = modelForTest({ layers: 1, experts: 4 });
    const { tensors, notes } = transferred(storedMix(info), model);
    const of = new Map(tensors.map((one) => [one.name, one]));
    expect(of.get("model.layers.0.self_attn.q_proj.weight")).toMatchObject({ recipe: "q4_k", bytes: 512 * 288 });
    expect(of.get("model.layers.0.mlp.experts.3.up_proj.weight")).toMatchObject({
      recipe: "ggml_mxfp4",
      bytes: 1024 * 272,
    });
    expect(of.get("model.layers.0.mlp.experts.3.down_proj.weight")).toMatchObject({ recipe: "keep" });
    expect(notes.at(-1)).toMatch(
      /it has no tensor for model\.layers\.0\.self_attn\.o_proj\.weight and \d+ more, kept here/,
    );
  });
});

it("other quantized checkpoints are mixes by what their layouts say, and what these leave open is told", () => {
  const tensors = [
    layout(
      "model.layers.0.self_attn.q_proj.weight",
      { layout: "MLX INT4", recipe: "int4(asym)/64:f16", recipeNote: "Its offsets are values." },
      4.5,
    ),
    layout("model.layers.0.self_attn.k_proj.weight", { layout: "ModelOpt NVFP4", recipe: "nvfp4" }, 4.5),
    layout("model.layers.0.self_attn.v_proj.weight", { layout: "AQLM", recipe: null }, 2.3),
    tensor("model.norm.weight", "BF16", [512], 1024),
    tensor("model.layers.0.mlp.up_proj.weight", "F8_E4M3", [64, 64], 4096),
    tensor("lm_head.weight", "BF16", [1000, 512], 2 * 512_000),
  ];
  const { rules, notes, tensors: got } = storedMix({ label: "it", kind: "safetensors", tensors });
  expect(rules).toBe(
    "model.layers.*.self_attn.q_proj.weight=int4(asym)/64:f16;model.layers.*.self_attn.k_proj.weight=nvfp4;model.layers.*.mlp.up_proj.weight=e4m3",
  );
  expect(got[0].bits).toBe(64 * 128 * 4.5);
  expect(notes).toEqual([
    "MLX INT4: Its offsets are values.",
    "AQLM: the notation has no words for its quantizer. Kept: model.layers.0.self_attn.v_proj.weight.",
  ]);
});

const real: [path: string, rules: string][] = [
  ["cases/mlx-3", "model.safetensors/l.*.q_proj.weight=int3(asym)/64:f16"],
  ["cases/gptq-awq-gemv", "model.safetensors/l.q.weight=int4(asym)/64:f16"],
  ["cases/fp8-scale_weight.safetensors", "blk.*.q.weight=e4m3/tensor"],
];
const absent = real.some(([path]) => sharedFile(path) === null);

it.skipIf(absent).each(real)("%s, written by its own program (needs the shared data)", async (path, rules) => {
  const source = await openPath(sharedFile(path)!, { cache: new TensorCache() });
  expect(storedMix(source.info).rules).toBe(rules);
  source.close();
});

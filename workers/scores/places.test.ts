import { expect, it } from "vitest";
import { openModel } from "../models/open.ts";
import { openPath } from "../sources/node.ts";
import { TensorCache } from "../tensors/cache.ts";
import { placeOf } from "./places.ts";

it.each<[string, number[], number | null, string, number | null]>([
  ["model.layers.7.self_attn.q_proj.weight", [8, 8], 7, "q_proj", null],
  ["blk.7.attn_q.weight", [8, 8], 7, "q_proj", null],
  ["layers.7.attention.wq.weight", [8, 8], 7, "q_proj", null],
  ["blk.3.ffn_down_exps.weight", [4, 8, 8], 3, "down_proj", null],
  ["blk.3.ffn_down_shexp.weight", [8, 8], 3, "shared_down_proj", null],
  ["model.layers.3.mlp.experts.17.up_proj.weight", [8, 8], 3, "up_proj", 17],
  ["model.layers.3.mlp.shared_experts.up_proj.weight", [8, 8], 3, "shared_up_proj", null],
  ["model.layers.3.block_sparse_moe.experts.2.w2.weight", [8, 8], 3, "down_proj", 2],
  ["model.layers.3.block_sparse_moe.gate.weight", [8, 8], 3, "router", null],
  ["model.layers.3.mlp.gate.weight", [8, 8], 3, "router", null],
  ["blk.3.ffn_gate_inp.weight", [8, 8], 3, "router", null],
  ["model.layers.3.mlp.gate_proj.weight", [8, 8], 3, "gate_proj", null],
  ["model.layers.0.self_attn.kv_a_proj_with_mqa.weight", [8, 8], 0, "kv_a_proj_with_mqa", null],
  ["blk.0.attn_kv_a_mqa.weight", [8, 8], 0, "kv_a_proj_with_mqa", null],
  ["transformer.h.11.attn.c_attn.weight", [8, 8], 11, "qkv_proj", null],
  ["gpt_neox.layers.5.attention.dense.weight", [8, 8], 5, "o_proj", null],
  ["model.embed_tokens.weight", [8, 8], null, "embedding", null],
  ["token_embd.weight", [8, 8], null, "embedding", null],
  ["lm_head.weight", [8, 8], null, "head", null],
  ["output.weight", [8, 8], null, "head", null],
  ["model.layers.7.input_layernorm.weight", [8], 7, "norm", null],
  ["model.layers.7.self_attn.q_proj.bias", [8], 7, "bias", null],
  ["features.4.conv1.weight", [8, 4, 3, 3], 4, "conv1", null],
  ["encoder_conv", [8, 4, 3, 3], null, "encoder_conv", null],
])("%s is at its place", (name, shape, layer, role, expert) => {
  expect(placeOf({ name, shape })).toEqual({ layer, role, expert, stack: shape.length === 3 });
});

it("are the places that a network gives its parts", async () => {
  const source = await openPath("public/samples/small-llama/model.safetensors", { cache: new TensorCache() });
  const model = await openModel(source, new AbortController().signal);
  for (const { part, stored } of model.parts.values()) {
    const found = placeOf(source.tensor(stored.tensor).info);
    expect([stored.tensor, found.role]).toEqual([stored.tensor, part.role]);
  }
  source.close();
});

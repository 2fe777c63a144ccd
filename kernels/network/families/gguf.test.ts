import { describe, expect, test } from "vitest";
import type { Architecture } from "../types.ts";
import { readArchitecture, readGgufArchitecture } from "./index.ts";

const SIZES = {
  hidden_size: 64,
  num_hidden_layers: 6,
  num_attention_heads: 4,
  num_key_value_heads: 2,
  head_dim: 16,
  intermediate_size: 96,
  vocab_size: 320,
  max_position_embeddings: 128,
  rms_norm_eps: 1e-5,
};

const KEYS = {
  block_count: 6,
  embedding_length: 64,
  feed_forward_length: 96,
  "attention.head_count": 4,
  "attention.head_count_kv": 2,
  "attention.key_length": 16,
  "attention.layer_norm_rms_epsilon": 1e-5,
  context_length: 128,
  "rope.freq_base": 10000,
};

/** What llama.cpp would write of a model: keys as text, and the shapes of its tensors. */
function gguf(
  name: string,
  keys: Record<string, unknown>,
  { without = [], more = {} }: { without?: string[]; more?: Record<string, number[]> } = {},
  factors?: Map<string, Float32Array>,
): Architecture {
  const all = Object.entries({ ...KEYS, ...keys }).map(([key, value]) => [`${name}.${key}`, String(value)]);
  const shapes = { "token_embd.weight": [320, 64], "blk.0.ffn_norm.weight": [64], "output.weight": [320, 64], ...more };
  const tensors = new Map(Object.entries(shapes).filter(([tensor]) => !without.includes(tensor)));
  return readGgufArchitecture({ "general.architecture": name, ...Object.fromEntries(all) }, tensors, factors);
}

const TIED = { without: ["output.weight"] };

/** Everything that the machine computes by. */
const designs = (one: Architecture) => ({
  layers: Array.from({ length: one.layers }, (_, i) => one.design(i)),
  ends: one.ends,
  tied: one.tied,
});

describe("GGUF keys say what the config does", () => {
  test.each<[string, Architecture, Record<string, unknown>]>([
    ["llama", gguf("llama", {}), { model_type: "llama" }],
    [
      "llama, its positions stretched",
      gguf("llama", { "rope.scaling.type": "linear", "rope.scaling.factor": 4 }),
      { model_type: "llama", rope_scaling: { type: "linear", factor: 4 } },
    ],
    ["qwen2", gguf("qwen2", {}), { model_type: "qwen2" }],
    ["qwen3, tied", gguf("qwen3", {}, TIED), { model_type: "qwen3", tie_word_embeddings: true }],
    [
      "qwen3moe",
      gguf("qwen3moe", { expert_count: 4, expert_used_count: 2, expert_feed_forward_length: 48 }),
      {
        model_type: "qwen3_moe",
        num_experts: 4,
        num_experts_per_tok: 2,
        moe_intermediate_size: 48,
        norm_topk_prob: true,
      },
    ],
    [
      "gemma2",
      gguf("gemma2", { attn_logit_softcapping: 50, final_logit_softcapping: 30, "attention.sliding_window": 8 }, TIED),
      {
        model_type: "gemma2",
        query_pre_attn_scalar: 16,
        sliding_window: 8,
        attn_logit_softcapping: 50,
        final_logit_softcapping: 30,
      },
    ],
    [
      "gemma3",
      gguf("gemma3", { "rope.freq_base": 1e6, "attention.sliding_window": 8 }, TIED),
      { model_type: "gemma3_text", query_pre_attn_scalar: 16, sliding_window: 8, rope_theta: 1e6 },
    ],
    [
      "smollm3, every fourth layer without positions",
      gguf("smollm3", { "rope.freq_base": 2e6 }, TIED),
      { model_type: "smollm3" },
    ],
    [
      "granite",
      gguf("granite", { "attention.scale": 0.1, residual_scale: 0.2, embedding_scale: 12, logit_scale: 8 }),
      {
        model_type: "granite",
        attention_multiplier: 0.1,
        residual_multiplier: 0.2,
        embedding_multiplier: 12,
        logits_scaling: 8,
      },
    ],
    ["olmo2", gguf("olmo2", {}), { model_type: "olmo2" }],
    [
      "stablelm in parallel",
      gguf(
        "stablelm",
        { "rope.dimension_count": 4, "attention.layer_norm_epsilon": 1e-5 },
        { without: ["blk.0.ffn_norm.weight"], more: { "blk.0.attn_q.bias": [64] } },
      ),
      { model_type: "stablelm", use_parallel_residual: true, use_qkv_bias: true, partial_rotary_factor: 0.25 },
    ],
    [
      "gptneox",
      gguf(
        "gptneox",
        { "rope.dimension_count": 4, use_parallel_residual: true, "attention.head_count_kv": 4 },
        { more: { "blk.0.attn_qkv.bias": [192] } },
      ),
      { model_type: "gpt_neox", rotary_pct: 0.25, layer_norm_eps: 1e-5 },
    ],
  ])("%s", (_, architecture, config) => {
    expect(designs(architecture)).toEqual(designs(readArchitecture({ ...SIZES, ...config })));
  });

  test("gpt2", () => {
    const config = {
      model_type: "gpt2",
      n_embd: 64,
      n_layer: 6,
      n_head: 4,
      n_positions: 128,
      vocab_size: 320,
      n_inner: 96,
    };
    expect(designs(gguf("gpt2", {}, TIED))).toEqual(designs(readArchitecture(config)));
  });

  test("factors of frequencies are a tensor of their own", () => {
    const factors = Float32Array.from({ length: 8 }, (_, i) => 1 + i);
    const { rotation } = gguf("llama", {}, {}, new Map([["rope_freqs.weight", factors]])).design(0).attention;
    const { rotation: plain } = gguf("llama", {}).design(0).attention;
    expect(rotation!.frequencies.map((one, i) => plain!.frequencies[i] / one)).toEqual(
      [...factors].map((one) => expect.closeTo(one, 5)),
    );
  });

  test("what llama.cpp rearranges is put back", () => {
    const adapted = (one: Architecture, of: number | "ends" = 0) =>
      Object.fromEntries(one.parts(of).map(({ stored }) => [stored.gguf!.name, stored.gguf!.adapt]));
    expect(adapted(gguf("llama", {}))["blk.0.attn_k.weight"]).toEqual([{ do: "halves", heads: 2, size: 16 }]);
    expect(adapted(gguf("qwen2", {}))["blk.0.attn_k.weight"]).toEqual([]);
    expect(adapted(gguf("gemma2", {}, TIED))["blk.0.post_ffw_norm.weight"]).toEqual([{ do: "add", value: -1 }]);
    expect(adapted(gguf("gemma2", {}, TIED), "ends")["output_norm.weight"]).toEqual([{ do: "add", value: -1 }]);
    expect(adapted(gguf("gptneox", { "attention.head_count_kv": 4 }))["blk.0.attn_qkv.weight"]).toEqual([
      { do: "regroup", groups: 3, heads: 4 },
    ]);
    const moe = gguf("qwen3moe", { expert_count: 4, expert_used_count: 2, expert_feed_forward_length: 48 });
    const third = moe.parts(0).find(({ name }) => name.endsWith("experts.3.up_proj.weight"))!;
    expect(third.stored.gguf).toEqual({ name: "blk.0.ffn_up_exps.weight", adapt: [{ do: "slice", index: 3 }] });
  });
});

describe("what is not known is named", () => {
  test.each<[string, () => unknown, RegExp]>([
    [
      "a family",
      () => readArchitecture({ ...SIZES, model_type: "mamba" }),
      /family "mamba" cannot be run here, only explored.*gemma2/,
    ],
    ["no family", () => readArchitecture({ ...SIZES }), /does not say of which family it is \(model_type\)/],
    ["an architecture", () => gguf("rwkv7", {}), /architecture "rwkv7" cannot be run here/],
    [
      "a kind of rotation",
      () => readArchitecture({ ...SIZES, model_type: "llama", rope_scaling: { rope_type: "spiral" } }),
      /kind "spiral" are not known.*yarn/,
    ],
    [
      "an activation",
      () => readArchitecture({ ...SIZES, model_type: "llama", hidden_act: "mish" }),
      /Llama has the activation "mish"/,
    ],
    [
      "a size",
      () => readArchitecture({ model_type: "llama", num_attention_heads: 4 }),
      /this Llama does not say hidden_size/,
    ],
    [
      "a wrong size",
      () => readArchitecture({ ...SIZES, model_type: "llama", hidden_size: "big" }),
      /hidden_size = "big", where a number/,
    ],
    [
      "heads that do not fit",
      () => readArchitecture({ ...SIZES, model_type: "llama", num_key_value_heads: 3 }),
      /3 heads of keys do not divide 4/,
    ],
    [
      "a layer type",
      () => readArchitecture({ ...SIZES, model_type: "qwen3", layer_types: Array(6).fill("linear_attention") }),
      /layers of the type "linear_attention"/,
    ],
    [
      "norms behind each sum",
      () => readArchitecture({ ...SIZES, model_type: "opt", ffn_dim: 96, do_layer_norm_before: false }),
      /do_layer_norm_before = false.*can be explored, not run/,
    ],
    [
      "heads that differ by layer",
      () => gguf("llama", { "attention.head_count": "[4,4,2,2,4,4]" }),
      /one number for all layers/,
    ],
    ["no embedding", () => gguf("llama", {}, { without: ["token_embd.weight"] }), /no token_embd.weight/],
  ])("%s", (_, read, message) => {
    expect(read).toThrow(message);
  });
});

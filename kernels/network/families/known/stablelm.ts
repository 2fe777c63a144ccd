import { llamaSizes, sameFeed, sameRotation } from "../common.ts";
import { type Family, LLAMA_NAMES } from "../traits.ts";

/** Bellagente et al. 2024, arXiv 2402.17834. */
export const stablelm: Family = {
  name: "stablelm",
  label: "StableLM",
  traits(config) {
    const sizes = llamaSizes(config);
    const parallel = config.flag("use_parallel_residual", false);
    return {
      ...sizes,
      names: {
        ...LLAMA_NAMES,
        queryNorm: "self_attn.q_layernorm",
        keyNorm: "self_attn.k_layernorm",
        // In parallel both halves read what one norm gives.
        beforeFeed: parallel ? null : "post_attention_layernorm",
      },
      norm: { kind: "layer", epsilon: config.number("layer_norm_eps", 1e-5), bias: true },
      bias: { projections: config.flag("use_qkv_bias", false) },
      ...(config.flag("qk_layernorm", false) && { headNorm: { kind: "layer", over: "own head" } }),
      rotation: sameRotation(config, sizes.size, { partial: 0.25 }),
      feed: sameFeed(config),
      parallel,
    };
  },
  gguf: {
    architecture: "stablelm",
    config: (keys) => ({
      use_parallel_residual: !keys.has("blk.0.ffn_norm.weight"),
      use_qkv_bias: keys.has("blk.0.attn_q.bias"),
      qk_layernorm: keys.has("blk.0.attn_q_norm.weight"),
    }),
  },
};

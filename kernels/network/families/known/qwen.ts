import { llamaSizes, sameFeed, sameRotation, windows } from "../common.ts";
import type { Fields } from "../fields.ts";
import type { Family, Traits } from "../traits.ts";

/** Layers from `max_window_layers` on see a window, where the config asks for one. */
function qwenWindows(config: Fields, layers: number): Traits["window"] {
  const first = config.whole("max_window_layers", 28, 0);
  const window = config.flag("use_sliding_window", false) ? config.wholeOrNull("sliding_window") : null;
  return windows(config, layers, (layer) => layer >= first, { window });
}

/** arXiv 2407.10671. */
export const qwen2: Family = {
  name: "qwen2",
  label: "Qwen2",
  traits(config) {
    const sizes = llamaSizes(config, { keyHeads: 32 });
    return {
      ...sizes,
      bias: { projections: true },
      rotation: sameRotation(config, sizes.size),
      window: qwenWindows(config, sizes.layers),
      feed: sameFeed(config),
    };
  },
  gguf: { architecture: "qwen2" },
};

/** arXiv 2505.09388. */
export const qwen3: Family = {
  name: "qwen3",
  label: "Qwen3",
  traits(config) {
    const sizes = llamaSizes(config, { keyHeads: 32, headSize: 128 });
    const bias = config.flag("attention_bias", false);
    return {
      ...sizes,
      bias: { projections: bias, output: bias },
      headNorm: { kind: "rms", over: "head" },
      rotation: sameRotation(config, sizes.size),
      window: qwenWindows(config, sizes.layers),
      feed: sameFeed(config),
    };
  },
  gguf: { architecture: "qwen3" },
};

export const qwen3Moe: Family = {
  name: "qwen3_moe",
  label: "Qwen3 with experts",
  traits(config) {
    const sizes = llamaSizes(config, { keyHeads: 4 });
    const bias = config.flag("attention_bias", false);
    const window = config.flag("use_sliding_window", false) ? config.wholeOrNull("sliding_window") : null;
    const dense = new Set((config.any("mlp_only_layers") as number[] | undefined) ?? []);
    const every = config.whole("decoder_sparse_step", 1);
    const count = config.whole(["num_experts", "num_local_experts"], 128, 0);
    const experts = {
      count,
      chosen: config.whole("num_experts_per_tok", 8),
      normalized: config.flag("norm_topk_prob", false),
    };
    return {
      ...sizes,
      bias: { projections: bias, output: bias },
      headNorm: { kind: "rms", over: "head" },
      rotation: sameRotation(config, sizes.size),
      window: () => window,
      feed: (layer) =>
        count > 0 && !dense.has(layer) && (layer + 1) % every === 0
          ? { inner: config.whole("moe_intermediate_size", 768), gated: true, experts }
          : { inner: config.whole("intermediate_size", 6144), gated: true },
    };
  },
  gguf: {
    architecture: "qwen3moe",
    config: (keys) => ({
      num_experts: keys.number("expert_count"),
      num_experts_per_tok: keys.number("expert_used_count"),
      moe_intermediate_size: keys.number("expert_feed_forward_length"),
      norm_topk_prob: true,
    }),
  },
};

import { llamaSizes, sameFeed, sameRotation } from "../common.ts";
import type { Family } from "../traits.ts";

/** arXiv 2408.13359: Llama with four multipliers. */
export const granite: Family = {
  name: "granite",
  label: "Granite",
  traits(config) {
    const sizes = llamaSizes(config);
    const bias = config.flag("attention_bias", false);
    const scale = config.number("attention_multiplier", 1);
    return {
      ...sizes,
      bias: { projections: bias, output: bias },
      rotation: sameRotation(config, sizes.size),
      scale: () => scale,
      feed: sameFeed(config, { bias: config.flag("mlp_bias", false) }),
      residual: config.number("residual_multiplier", 1),
      embeddingScale: config.number("embedding_multiplier", 1),
      logitScale: 1 / config.number("logits_scaling", 1),
    };
  },
  gguf: {
    architecture: "granite",
    pairs: true,
    config: (keys) => ({
      attention_multiplier: keys.number("attention.scale"),
      residual_multiplier: keys.number("residual_scale"),
      embedding_multiplier: keys.number("embedding_scale"),
      logits_scaling: keys.number("logit_scale"),
    }),
  },
};

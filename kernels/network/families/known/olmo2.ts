import { llamaSizes, sameFeed, sameRotation } from "../common.ts";
import { type Family, LLAMA_NAMES } from "../traits.ts";

/** arXiv 2501.00656. */
export const olmo2: Family = {
  name: "olmo2",
  label: "OLMo 2",
  traits(config) {
    const sizes = llamaSizes(config, { epsilon: 1e-5 });
    const bias = config.flag("attention_bias", false);
    return {
      ...sizes,
      names: {
        ...LLAMA_NAMES,
        beforeAttention: null,
        afterAttention: "post_attention_layernorm",
        beforeFeed: null,
        afterFeed: "post_feedforward_layernorm",
      },
      bias: { projections: bias, output: bias },
      headNorm: { kind: "rms", over: "all" },
      rotation: sameRotation(config, sizes.size),
      feed: sameFeed(config),
    };
  },
  gguf: { architecture: "olmo2" },
};

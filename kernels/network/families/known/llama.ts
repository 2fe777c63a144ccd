import { llamaSizes, sameFeed, sameRotation } from "../common.ts";
import type { Family } from "../traits.ts";

/** Touvron et al. 2023, arXiv 2302.13971; Llama 3 in arXiv 2407.21783. */
export const llama: Family = {
  name: "llama",
  label: "Llama",
  traits(config) {
    const sizes = llamaSizes(config);
    const bias = config.flag("attention_bias", false);
    return {
      ...sizes,
      bias: { projections: bias, output: bias },
      rotation: sameRotation(config, sizes.size),
      feed: sameFeed(config, { bias: config.flag("mlp_bias", false) }),
    };
  },
  gguf: { architecture: "llama", pairs: true },
};

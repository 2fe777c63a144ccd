import { llamaSizes, sameFeed, sameRotation, windows } from "../common.ts";
import type { Family } from "../traits.ts";

/** Jiang et al. 2023, arXiv 2310.06825. In GGUF it goes by the name of llama. */
export const mistral: Family = {
  name: "mistral",
  label: "Mistral",
  traits(config) {
    const sizes = llamaSizes(config, { keyHeads: 8 });
    return {
      ...sizes,
      rotation: sameRotation(config, sizes.size),
      window: windows(config, sizes.layers, () => true),
      feed: sameFeed(config),
    };
  },
  gguf: null,
};

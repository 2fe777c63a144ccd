import { llamaSizes, sameFeed, sameRotation, windows } from "../common.ts";
import type { Family } from "../traits.ts";

/** arXiv 2404.14219. */
export const phi3: Family = {
  name: "phi3",
  label: "Phi-3",
  traits(config) {
    const sizes = llamaSizes(config, { epsilon: 1e-5 });
    return {
      ...sizes,
      fused: "rows",
      rotation: sameRotation(config, sizes.size),
      window: windows(config, sizes.layers, () => true),
      feed: sameFeed(config, { fused: true }),
    };
  },
  gguf: { architecture: "phi3" },
};

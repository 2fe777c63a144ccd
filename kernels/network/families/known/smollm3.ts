import { llamaSizes, sameFeed, sameRotation, windows } from "../common.ts";
import type { Family } from "../traits.ts";

/** Some layers have no positions (Yang et al. 2025, arXiv 2501.18795): in `no_rope_layers` those with a 0. */
export const smollm3: Family = {
  name: "smollm3",
  label: "SmolLM3",
  traits(config) {
    const sizes = llamaSizes(config, { keyHeads: 4, tied: true });
    const interval = config.whole("no_rope_layer_interval", 4);
    const rotated = config.list("no_rope_layers", sizes.layers);
    const turns = (layer: number) => (rotated ? Boolean(rotated[layer]) : (layer + 1) % interval !== 0);
    const bias = config.flag("attention_bias", false);
    const rotation = sameRotation(config, sizes.size, { theta: 2e6 });
    const window = config.flag("use_sliding_window", false) ? config.wholeOrNull("sliding_window") : null;
    return {
      ...sizes,
      bias: { projections: bias, output: bias },
      rotation: (layer) => (turns(layer) ? rotation(layer) : null),
      window: windows(config, sizes.layers, (layer) => !turns(layer), { window }),
      feed: sameFeed(config, { bias: config.flag("mlp_bias", false) }),
    };
  },
  gguf: { architecture: "smollm3", pairs: true },
};

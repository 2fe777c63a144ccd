import { readActivation, sameRotation } from "../common.ts";
import { type Family, LLAMA_NAMES } from "../traits.ts";

/** Black et al. 2022, arXiv 2204.06745; Pythia in arXiv 2304.01373. */
export const gptNeox: Family = {
  name: "gpt_neox",
  label: "GPT-NeoX",
  traits(config) {
    const width = config.whole("hidden_size");
    const heads = config.whole("num_attention_heads");
    const inner = config.whole("intermediate_size");
    const bias = config.flag("attention_bias", true);
    return {
      layers: config.whole("num_hidden_layers"),
      width,
      vocabulary: config.whole("vocab_size"),
      heads,
      keyHeads: heads,
      size: width / heads,
      norm: { kind: "layer", epsilon: config.number("layer_norm_eps", 1e-5), bias: true },
      activation: readActivation(config, "hidden_act", "gelu"),
      names: {
        ...LLAMA_NAMES,
        layer: "gpt_neox.layers.",
        attention: "attention",
        fused: "attention.query_key_value",
        output: "attention.dense",
        up: "mlp.dense_h_to_4h",
        down: "mlp.dense_4h_to_h",
        embedding: "gpt_neox.embed_in",
        norm: "gpt_neox.final_layer_norm",
        head: "embed_out",
      },
      bias: { projections: bias, output: bias },
      fused: "heads",
      rotation: sameRotation(config, width / heads, { partial: 0.25 }),
      feed: () => ({ inner, gated: false, bias: true }),
      parallel: config.flag("use_parallel_residual", true),
      trainedWindow: config.wholeOrNull("max_position_embeddings"),
      tied: config.flag("tie_word_embeddings", false),
    };
  },
  gguf: {
    architecture: "gptneox",
    config: (keys) => ({ use_parallel_residual: keys.flag("use_parallel_residual") }),
  },
};

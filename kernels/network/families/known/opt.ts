import { readActivation } from "../common.ts";
import { type Family, LLAMA_NAMES } from "../traits.ts";

/** Zhang et al. 2022, arXiv 2205.01068. */
export const opt: Family = {
  name: "opt",
  label: "OPT",
  traits(config) {
    const width = config.whole("hidden_size");
    const heads = config.whole("num_attention_heads");
    const inner = config.whole("ffn_dim");
    const longest = config.whole("max_position_embeddings");
    const bias = config.flag("enable_bias", true);
    if (!config.flag("do_layer_norm_before", true)) {
      throw config.refuse(
        "has its norms behind each sum (do_layer_norm_before = false, as only the one of 350 M parameters)",
      );
    }
    if (config.whole("word_embed_proj_dim", width) !== width) {
      throw config.refuse("has embeddings of another width than its layers (word_embed_proj_dim)");
    }
    const affine = config.flag("layer_norm_elementwise_affine", true);
    return {
      layers: config.whole("num_hidden_layers"),
      width,
      vocabulary: config.whole("vocab_size"),
      heads,
      keyHeads: heads,
      size: width / heads,
      norm: { kind: "layer", epsilon: 1e-5, bias: affine, gain: affine },
      activation: readActivation(config, "activation_function", "relu"),
      names: {
        ...LLAMA_NAMES,
        layer: "model.decoder.layers.",
        output: "self_attn.out_proj",
        up: "fc1",
        down: "fc2",
        beforeAttention: "self_attn_layer_norm",
        beforeFeed: "final_layer_norm",
        embedding: "model.decoder.embed_tokens",
        positions: "model.decoder.embed_positions",
        norm: config.flag("_remove_final_layer_norm", false) ? "" : "model.decoder.final_layer_norm",
      },
      bias: { projections: bias, output: bias },
      rotation: () => null,
      feed: () => ({ inner, gated: false, bias }),
      // The first two rows belong to padding.
      positions: { rows: longest + 2, offset: 2 },
      trainedWindow: longest,
      tied: config.flag("tie_word_embeddings", true),
    };
  },
  gguf: null,
};

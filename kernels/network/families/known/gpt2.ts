import { readActivation } from "../common.ts";
import { type Family, LLAMA_NAMES } from "../traits.ts";

/** Radford et al. 2019. */
export const gpt2: Family = {
  name: "gpt2",
  label: "GPT-2",
  traits(config) {
    const width = config.whole(["n_embd", "hidden_size"]);
    const heads = config.whole(["n_head", "num_attention_heads"]);
    const size = width / heads;
    const rows = config.whole(["n_positions", "max_position_embeddings", "n_ctx"]);
    const inner = config.whole("n_inner", 4 * width);
    const root = config.flag("scale_attn_weights", true) ? size ** -0.5 : 1;
    const byLayer = config.flag("scale_attn_by_inverse_layer_idx", false);
    if (config.flag("add_cross_attention", false)) throw config.refuse("looks at another text (add_cross_attention)");
    return {
      layers: config.whole(["n_layer", "num_hidden_layers"]),
      width,
      vocabulary: config.whole("vocab_size"),
      heads,
      keyHeads: heads,
      size,
      norm: { kind: "layer", epsilon: config.number("layer_norm_epsilon", 1e-5), bias: true },
      activation: readActivation(config, "activation_function", "gelu_new"),
      names: {
        ...LLAMA_NAMES,
        layer: "transformer.h.",
        attention: "attn",
        fused: "attn.c_attn",
        output: "attn.c_proj",
        up: "mlp.c_fc",
        down: "mlp.c_proj",
        beforeAttention: "ln_1",
        beforeFeed: "ln_2",
        embedding: "transformer.wte",
        positions: "transformer.wpe",
        norm: "transformer.ln_f",
      },
      bias: { projections: true, output: true },
      fused: "rows",
      rotation: () => null,
      scale: (layer) => (byLayer ? root / (layer + 1) : root),
      feed: () => ({ inner, gated: false, bias: true }),
      positions: { rows, offset: 0 },
      trainedWindow: rows,
      tied: config.flag("tie_word_embeddings", true),
      transposed: true,
    };
  },
  gguf: {
    architecture: "gpt2",
    config: (keys) => ({ n_positions: keys.number("context_length"), n_inner: keys.number("feed_forward_length") }),
  },
};

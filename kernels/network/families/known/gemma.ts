import { llamaSizes, readActivation, sameFeed, sameRotation, windows } from "../common.ts";
import type { Fields } from "../fields.ts";
import { readRotation } from "../rope.ts";
import { type Family, type GgufKeys, LLAMA_NAMES, type Traits } from "../traits.ts";

const NAMES = {
  ...LLAMA_NAMES,
  afterAttention: "post_attention_layernorm",
  beforeFeed: "pre_feedforward_layernorm",
  afterFeed: "post_feedforward_layernorm",
};

/** What Gemma 2 and 3 have in common. */
function gemma(config: Fields) {
  const sizes = llamaSizes(config, { keyHeads: 4, headSize: 256, tied: true });
  if (config.any("use_bidirectional_attention") === true) throw config.refuse("looks at tokens to come");
  const bias = config.flag("attention_bias", false);
  const scale = config.number("query_pre_attn_scalar", 256) ** -0.5;
  return {
    ...sizes,
    names: NAMES,
    norm: { ...sizes.norm, plusOne: true },
    activation: readActivation(config, "hidden_activation", "gelu_pytorch_tanh"),
    bias: { projections: bias, output: bias },
    scale: () => scale,
    feed: sameFeed(config),
    embeddingScale: Math.fround(Math.sqrt(sizes.width)),
  } satisfies Partial<Traits>;
}

/** llama.cpp's rule: the largest of each generation scales by the width of all heads. */
const gemmaScalar = (largest: number) => (keys: GgufKeys) =>
  keys.number("block_count") === largest
    ? (keys.number("embedding_length") ?? 0) / (keys.number("attention.head_count") ?? 1)
    : keys.number("attention.key_length");

/** arXiv 2408.00118. */
export const gemma2: Family = {
  name: "gemma2",
  label: "Gemma 2",
  traits(config) {
    const base = gemma(config);
    const window = config.whole("sliding_window", 4096);
    return {
      ...base,
      rotation: sameRotation(config, base.size),
      window: windows(config, base.layers, (layer) => layer % 2 === 0, { window }),
      cap: config.any("attn_logit_softcapping") === undefined ? null : config.number("attn_logit_softcapping"),
      logitCap: config.numberOrNull("final_logit_softcapping"),
    };
  },
  gguf: {
    architecture: "gemma2",
    config: (keys) => ({
      attn_logit_softcapping: keys.number("attn_logit_softcapping"),
      final_logit_softcapping: keys.number("final_logit_softcapping"),
      query_pre_attn_scalar: gemmaScalar(46)(keys),
    }),
  },
};

/** arXiv 2503.19786. */
export const gemma3: Family = {
  name: "gemma3_text",
  label: "Gemma 3",
  traits(config) {
    const base = gemma(config);
    const pattern = config.whole(["sliding_window_pattern", "_sliding_window_pattern"], 6);
    const window = windows(config, base.layers, (layer) => (layer + 1) % pattern !== 0, {
      window: config.whole("sliding_window", 4096),
    });
    const perType = config.inner("rope_parameters")?.inner("full_attention");
    const full = readRotation(config, base.size, { theta: 1e6, layerType: "full_attention" });
    // Older files name the local base alone; it is never scaled.
    const local = perType
      ? readRotation(config, base.size, { layerType: "sliding_attention" })
      : localRotation(config, base.size);
    return {
      ...base,
      headNorm: { kind: "rms", over: "head", plusOne: true },
      rotation: (layer) => (window(layer) === null ? full : local),
      window,
      cap: config.numberOrNull("attn_logit_softcapping"),
      logitCap: config.numberOrNull("final_logit_softcapping"),
    };
  },
  gguf: {
    architecture: "gemma3",
    config: (keys) => ({
      query_pre_attn_scalar: gemmaScalar(62)(keys),
      rope_local_base_freq: keys.number("rope.freq_base_swa") ?? 10_000,
      final_logit_softcapping: keys.number("final_logit_softcapping"),
    }),
  },
};

function localRotation(config: Fields, size: number) {
  const theta = config.number("rope_local_base_freq", 10_000);
  const frequencies = Array.from({ length: size / 2 }, (_, i) => Math.fround(theta ** (-(2 * i) / size)));
  return { size, frequencies, amplitude: 1 };
}

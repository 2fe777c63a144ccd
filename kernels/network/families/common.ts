/** What configs of many families say alike. */
import type { Activation } from "../types.ts";
import type { Fields } from "./fields.ts";
import { type RopeDefaults, readRotation } from "./rope.ts";
import type { Traits } from "./traits.ts";

const ACTIVATIONS: Record<string, Activation> = {
  silu: "silu",
  swish: "silu",
  gelu: "gelu",
  gelu_python: "gelu",
  gelu_new: "gelu tanh",
  gelu_fast: "gelu tanh",
  gelu_pytorch_tanh: "gelu tanh",
  quick_gelu: "quick gelu",
  relu: "relu",
  relu2: "relu squared",
};

export function readActivation(config: Fields, names: string | string[], fallback: string): Activation {
  const name = config.text(names, fallback);
  const known = ACTIVATIONS[name];
  if (!known) {
    throw config.refuse(`has the activation "${name}" (known are ${Object.keys(ACTIVATIONS).join(", ")})`);
  }
  return known;
}

export interface SizeDefaults {
  keyHeads?: number;
  headSize?: number;
  epsilon?: number;
  tied?: boolean;
}

/** Sizes, norms and head of a model that names them as Llama does. */
export function llamaSizes(config: Fields, defaults: SizeDefaults = {}) {
  const width = config.whole("hidden_size");
  const heads = config.whole("num_attention_heads");
  return {
    layers: config.whole("num_hidden_layers"),
    width,
    vocabulary: config.whole("vocab_size"),
    heads,
    keyHeads: config.whole("num_key_value_heads", defaults.keyHeads ?? heads),
    size: config.whole("head_dim", defaults.headSize ?? width / heads),
    norm: { kind: "rms", epsilon: config.number("rms_norm_eps", defaults.epsilon ?? 1e-6) },
    activation: readActivation(config, ["hidden_act", "hidden_activation"], "silu"),
    trainedWindow: config.wholeOrNull("max_position_embeddings"),
    tied: config.flag("tie_word_embeddings", defaults.tied ?? false),
  } satisfies Partial<Traits>;
}

/** One rotation for all layers. */
export function sameRotation(config: Fields, size: number, defaults?: RopeDefaults): Traits["rotation"] {
  const rotation = readRotation(config, size, defaults);
  return () => rotation;
}

/** A gated feed forward of `intermediate_size` in every layer. */
export function sameFeed(config: Fields, rest: { bias?: boolean; fused?: boolean } = {}): Traits["feed"] {
  const inner = config.whole("intermediate_size");
  return () => ({ inner, gated: true, ...rest });
}

/**
 * The window of each layer: `sliding_window` where `layer_types` says "sliding_attention", or else where `otherwise` does.
 * Throws where a layer is of another type.
 */
export function windows(
  config: Fields,
  layers: number,
  otherwise: (layer: number) => boolean,
  { window = config.wholeOrNull("sliding_window") } = {},
): (layer: number) => number | null {
  const types = config.list("layer_types", layers);
  for (const type of types ?? []) {
    if (type !== "sliding_attention" && type !== "full_attention") {
      throw config.refuse(`has layers of the type "${type}"`);
    }
  }
  return (layer) => ((types ? types[layer] === "sliding_attention" : otherwise(layer)) ? window : null);
}

/** Meta's `params.json`, in the words of transformers' config. Source: `ModelArgs` and `FeedForward` of Meta's `llama/model.py`. */
import { UserError } from "../errors/user-error.ts";
import type { TensorInfo } from "../tensors/info.ts";

type Config = Record<string, unknown>;

/** What is not in the file follows from the tensors. Throws UserError where a size is missing. */
export function metaConfig(file: string, params: Config, tensors: readonly TensorInfo[]): Config {
  const number = (key: string): number | undefined => {
    const value = params[key];
    return typeof value === "number" ? value : undefined;
  };
  const shapeOf = (ending: string) => tensors.find(({ name }) => name.endsWith(ending))?.shape;
  const needed = (key: string): number => {
    const value = number(key);
    if (value === undefined) throw new UserError(`${file} does not say ${key}.`);
    return value;
  };
  const embedding = shapeOf("tok_embeddings.weight");
  const scaled = params.use_scaled_rope === true;
  return {
    model_type: "llama",
    hidden_size: needed("dim"),
    num_hidden_layers: needed("n_layers"),
    num_attention_heads: needed("n_heads"),
    num_key_value_heads: number("n_kv_heads") ?? needed("n_heads"),
    intermediate_size: shapeOf("layers.0.feed_forward.w1.weight")?.[0] ?? number("hidden_dim"),
    // Meta writes -1 where the tokenizer says it.
    vocab_size: embedding?.[0] ?? number("vocab_size"),
    rms_norm_eps: number("norm_eps") ?? 1e-5,
    rope_theta: number("rope_theta") ?? 10_000,
    max_position_embeddings: number("max_seq_len") ?? null,
    tie_word_embeddings: !tensors.some(({ name }) => /(^|[./])output\.weight$/.test(name)),
    ...(scaled && {
      rope_scaling: {
        rope_type: "llama3",
        factor: number("rope_scaling_factor") ?? 8,
        low_freq_factor: 1,
        high_freq_factor: 4,
        original_max_position_embeddings: 8192,
      },
    }),
  };
}

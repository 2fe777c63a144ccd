/** What the keys of a GGUF file say, in the words of transformers' config. */
import { ArchitectureError } from "../types.ts";
import type { Family, GgufKeys } from "./traits.ts";

/** Shapes of the tensors by their names, outputs first: the reverse of GGUF's own order. */
export type GgufTensors = ReadonlyMap<string, readonly number[]>;

/** Tensors that hold what frequencies of rotary positions are divided by. */
export const ROPE_FACTORS = ["rope_freqs.weight", "rope_factors_long.weight", "rope_factors_short.weight"] as const;

export function configOfGguf(
  family: Family,
  all: Readonly<Record<string, unknown>>,
  tensors: GgufTensors,
  factors: ReadonlyMap<string, Float32Array>,
): Record<string, unknown> {
  const keys = ggufKeys(family.gguf!.architecture, all, tensors);
  const { number } = keys;
  const embedding = tensors.get("token_embd.weight");
  if (!embedding) throw new ArchitectureError("The file has no token_embd.weight, the embedding.");
  const heads = number("attention.head_count");
  const has = (part: string) => tensors.has(`blk.0.${part}`);
  const epsilon = number("attention.layer_norm_rms_epsilon") ?? number("attention.layer_norm_epsilon");
  const size = number("attention.key_length") ?? (number("embedding_length") ?? 0) / (heads ?? 1);
  const longest = number("context_length");
  const config: Record<string, unknown> = {
    hidden_size: number("embedding_length"),
    num_hidden_layers: number("block_count"),
    num_attention_heads: heads,
    num_key_value_heads: number("attention.head_count_kv") ?? heads,
    head_dim: size,
    intermediate_size: number("feed_forward_length"),
    vocab_size: embedding[0],
    max_position_embeddings: longest,
    rms_norm_eps: epsilon,
    layer_norm_eps: epsilon,
    layer_norm_epsilon: epsilon,
    sliding_window: number("attention.sliding_window"),
    tie_word_embeddings: !tensors.has("output.weight"),
    attention_bias: has("attn_q.bias") || has("attn_qkv.bias"),
    mlp_bias: has("ffn_up.bias"),
    partial_rotary_factor: number("rope.dimension_count") === undefined ? 1 : number("rope.dimension_count")! / size,
    rope_theta: number("rope.freq_base"),
    rope_scaling: scaling(keys, all, factors),
    original_max_position_embeddings: number("rope.scaling.original_context_length"),
    ...family.gguf!.config?.(keys),
  };
  // What is not said is absent, so that a family's own default holds.
  return Object.fromEntries(Object.entries(config).filter(([, value]) => value !== undefined && value !== null));
}

/** Numbers and flags may come as they are, or as text. */
function ggufKeys(architecture: string, all: Readonly<Record<string, unknown>>, tensors: GgufTensors): GgufKeys {
  const value = (key: string) => all[`${architecture}.${key}`];
  return {
    number: (key) => {
      const said = value(key);
      if (said === undefined || said === null) return undefined;
      // One number a layer, where all are the same, is one.
      const text = typeof said === "string" && /^\s*\[/.test(said) ? safeList(said) : said;
      const list = Array.isArray(text) ? [...new Set(text.map(Number))] : [Number(text)];
      if (list.length !== 1 || !Number.isFinite(list[0])) {
        throw new ArchitectureError(
          `The key ${architecture}.${key} is ${String(said).slice(0, 60)}, where one number for all layers is expected.`,
        );
      }
      return list[0];
    },
    flag: (key) => {
      const said = value(key);
      return said === undefined || said === null ? undefined : said === true || said === "true" || said === 1;
    },
    has: (tensor) => tensors.has(tensor),
    shape: (tensor) => tensors.get(tensor),
  };
}

function safeList(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function scaling(
  { number }: GgufKeys,
  all: Readonly<Record<string, unknown>>,
  factors: ReadonlyMap<string, Float32Array>,
): Record<string, unknown> | undefined {
  const [plain, long, short] = ROPE_FACTORS.map((name) => factors.get(name));
  const factor = number("rope.scaling.factor");
  const trained = number("rope.scaling.original_context_length");
  if (plain) return { rope_type: "factors", factors: [...plain] };
  if (long && short) {
    return {
      rope_type: "longrope",
      long_factor: [...long],
      short_factor: [...short],
      attention_factor: number("rope.scaling.attn_factor"),
    };
  }
  const kind = all[`${String(all["general.architecture"])}.rope.scaling.type`];
  if (kind === undefined || kind === "none") return undefined;
  return { rope_type: kind, factor, original_max_position_embeddings: trained };
}

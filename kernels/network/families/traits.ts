import type { Activation, HeadNorm, Rotation } from "../types.ts";
import type { Fields } from "./fields.ts";

/** What the modules of a family are called in transformers. Names inside a layer stand behind `layer` and its number. */
export interface Names {
  layer: string;
  attention: string;
  /** Three projections, or one for all. */
  query: string;
  key: string;
  value: string;
  fused: string;
  output: string;
  queryNorm: string;
  keyNorm: string;
  gate: string;
  up: string;
  down: string;
  /** Gate and up in one matrix. */
  gateUp: string;
  beforeAttention: string | null;
  afterAttention: string | null;
  beforeFeed: string | null;
  afterFeed: string | null;
  embedding: string;
  positions: string;
  norm: string;
  head: string;
}

/** transformers' Llama, which most families follow. */
export const LLAMA_NAMES: Names = {
  layer: "model.layers.",
  attention: "self_attn",
  query: "self_attn.q_proj",
  key: "self_attn.k_proj",
  value: "self_attn.v_proj",
  fused: "self_attn.qkv_proj",
  output: "self_attn.o_proj",
  queryNorm: "self_attn.q_norm",
  keyNorm: "self_attn.k_norm",
  gate: "mlp.gate_proj",
  up: "mlp.up_proj",
  down: "mlp.down_proj",
  gateUp: "mlp.gate_up_proj",
  beforeAttention: "input_layernorm",
  afterAttention: null,
  beforeFeed: "post_attention_layernorm",
  afterFeed: null,
  embedding: "model.embed_tokens",
  positions: "",
  norm: "model.norm",
  head: "lm_head",
};

/** How a layer's feed forward is made. */
export interface FeedTraits {
  inner: number;
  gated: boolean;
  fused?: boolean;
  bias?: boolean;
  /** In place of one feed forward so many experts, of `inner` each; of them each token passes `chosen`. */
  experts?: { count: number; chosen: number; normalized: boolean };
}

/** What distinguishes one model of a family from the next; what is left out is as in Llama. */
export interface Traits {
  layers: number;
  width: number;
  vocabulary: number;
  heads: number;
  keyHeads: number;
  /** Values of a head. */
  size: number;
  norm: { kind: "rms" | "layer"; epsilon: number; plusOne?: boolean; bias?: boolean; gain?: boolean };
  activation: Activation;
  names?: Names;
  /** Biases of queries, keys and values; of the attention's output; of the head. */
  bias?: { projections?: boolean; output?: boolean; head?: boolean };
  /** Queries, keys and values from one matrix: one after the other, or so head by head. */
  fused?: "rows" | "heads";
  headNorm?: { kind: "rms" | "layer"; over: HeadNorm["over"]; plusOne?: boolean };
  rotation(layer: number): Rotation | null;
  /** Of scores; one over the square root of a head where it is left out. */
  scale?(layer: number): number;
  cap?: number | null;
  window?(layer: number): number | null;
  feed(layer: number): FeedTraits;
  parallel?: boolean;
  residual?: number;
  embeddingScale?: number;
  positions?: { rows: number; offset: number };
  trainedWindow: number | null;
  logitScale?: number;
  logitCap?: number | null;
  tied: boolean;
  /** Weights of linear layers are stored inputs x outputs by transformers (GPT-2's Conv1D). */
  transposed?: boolean;
  notes?: string[];
}

/** A family of language models, as data. */
export interface Family {
  /** `model_type` of its config. */
  name: string;
  /** For the reader. */
  label: string;
  /** The traits of one, from its config. Throws ArchitectureError where it says what is not done here. */
  traits(config: Fields): Traits;
  /** How llama.cpp stores it; null where it does not know it. */
  gguf: {
    /** `general.architecture`. */
    architecture: string;
    /** Queries' and keys' rows stand as rotary pairs. */
    pairs?: boolean;
    /** What its keys say as transformers' config would, beyond what all families share. */
    config?(keys: GgufKeys): Record<string, unknown>;
  } | null;
}

/** Keys of a GGUF file, those of the architecture without its name before them. */
export interface GgufKeys {
  number(key: string): number | undefined;
  flag(key: string): boolean | undefined;
  /** Whether there is a tensor of this name. */
  has(tensor: string): boolean;
  shape(tensor: string): readonly number[] | undefined;
}

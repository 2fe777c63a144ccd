/** Small models for tests: any family of which a config is known, with weights from a formula. */
import { readArchitecture } from "../../kernels/network/index.ts";
import { writeSafetensors } from "../checkpoints/safetensors/write.ts";
import type { OpenSource } from "../sources/open.ts";
import { openBytes } from "../testing/open-bytes.ts";
import { storedShape } from "./adapt.ts";
import { placesOf } from "./bind.ts";

export type Config = Record<string, unknown>;
export interface TinyTensor {
  name: string;
  shape: number[];
  values: Float32Array;
}

/** A Llama of two layers with grouped heads; 40 tokens. */
export const llamaConfig: Config = {
  model_type: "llama",
  hidden_size: 16,
  intermediate_size: 24,
  num_hidden_layers: 2,
  num_attention_heads: 4,
  num_key_value_heads: 2,
  vocab_size: 40,
  max_position_embeddings: 64,
  rms_norm_eps: 1e-5,
  tie_word_embeddings: false,
};

/** What transformers would store of such a model; every value is its own. */
export function tinyTensors(config: Config): TinyTensor[] {
  const architecture = readArchitecture(config);
  let count = 0;
  return placesOf(architecture).flatMap((of) =>
    architecture.parts(of).flatMap(({ stored, shape, optional, role }) => {
      const at = stored.transformers;
      if (!at || optional) return [];
      const own = storedShape(shape, at.adapt);
      const length = own.reduce((a, b) => a * b, 1);
      const begin = count;
      count += length;
      // Gains near one, weights near zero.
      const values = Float32Array.from({ length }, (_, i) => (role === "norm" ? 1 : 0) + Math.sin(begin + i) / 4);
      return [{ name: at.name, shape: own, values }];
    }),
  );
}

export const safetensorsOf = (tensors: readonly TinyTensor[]): Uint8Array =>
  writeSafetensors(
    tensors.map(({ name, shape, values }) => ({ name, dtype: "F32", shape, bytes: new Uint8Array(values.buffer) })),
  );

export const jsonBytes = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));

/** A byte-level tokenizer.json without merges: 256 bytes, an end of text, and further tokens of letters up to `size`. */
export function tinyTokenizer(size = 257): object {
  const vocab: Record<string, number> = {};
  for (let byte = 0, next = 256; byte < 256; byte++) {
    const itself = (byte > 32 && byte < 127) || (byte > 160 && byte !== 173);
    vocab[String.fromCodePoint(itself ? byte : next++)] = byte;
  }
  vocab["<end>"] = 256;
  for (let id = 257; id < size; id++) vocab[`token${id}`] = id;
  return {
    added_tokens: [{ id: 256, content: "<end>", special: true, normalized: false }],
    normalizer: null,
    pre_tokenizer: { type: "ByteLevel", add_prefix_space: false, use_regex: true },
    post_processor: null,
    decoder: { type: "ByteLevel" },
    model: { type: "BPE", vocab, merges: [] },
  };
}

/** A source of files as they would be dropped. */
export const openTiny = (files: Record<string, Uint8Array>): Promise<OpenSource> => openBytes(files);

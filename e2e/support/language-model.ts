/** The bundled language model as other programs keep it: a Hugging Face folder, and a GGUF file as llama.cpp's converter writes it. */
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { ggufFile, textListPair, textPair, uint32Pair } from "../../workers/export/gguf.ts";
import type { OutputTensor } from "../../workers/export/output.ts";
import { write } from "./files.ts";

const sample = fileURLToPath(new URL("../../public/samples/small-llama/", import.meta.url));
const read = (name: string): Buffer => readFileSync(join(sample, name));

interface Stored {
  dtype: string;
  shape: number[];
  data_offsets: [number, number];
}

/** A folder with checkpoint, config and tokenizer, and nothing else. Returns its path. */
export function huggingFaceFolder(name: string): string {
  const files = ["model.safetensors", "config.json", "tokenizer.json"].map((file) =>
    write(`${name}/${file}`, read(file)),
  );
  return dirname(files[0]);
}

const FLOAT32 = 6;
const INT32 = 5;
const ARRAY = 9;

/** A metadata pair of another type than the writer knows, from its bytes. */
function pair(key: string, type: number, value: Uint8Array): Uint8Array {
  const head = Buffer.alloc(8);
  head.writeBigUInt64LE(BigInt(Buffer.byteLength(key)));
  const kind = Buffer.alloc(4);
  kind.writeUInt32LE(type);
  return Buffer.concat([head, Buffer.from(key), kind, value]);
}

function floatPair(key: string, value: number): Uint8Array {
  return pair(key, FLOAT32, new Uint8Array(Float32Array.of(value).buffer));
}

function intsPair(key: string, values: Int32Array): Uint8Array {
  const head = Buffer.alloc(12);
  head.writeUInt32LE(INT32);
  head.writeBigUInt64LE(BigInt(values.length), 4);
  return pair(key, ARRAY, Buffer.concat([head, Buffer.from(values.buffer)]));
}

const names: readonly [RegExp, string][] = [
  [/^model\.embed_tokens\.weight$/, "token_embd.weight"],
  [/^model\.norm\.weight$/, "output_norm.weight"],
  [/^model\.layers\.(\d+)\.input_layernorm\.weight$/, "blk.$1.attn_norm.weight"],
  [/^model\.layers\.(\d+)\.post_attention_layernorm\.weight$/, "blk.$1.ffn_norm.weight"],
  [/^model\.layers\.(\d+)\.self_attn\.([qkv])_proj\.weight$/, "blk.$1.attn_$2.weight"],
  [/^model\.layers\.(\d+)\.self_attn\.o_proj\.weight$/, "blk.$1.attn_output.weight"],
  [/^model\.layers\.(\d+)\.mlp\.(gate|up|down)_proj\.weight$/, "blk.$1.ffn_$2.weight"],
];

function ggufName(name: string): string {
  const [from, to] = names.find(([from]) => from.test(name))!;
  return name.replace(from, to);
}

/** Rows of heads as llama.cpp keeps them: what turns together lies together (`permute` of its convert_hf_to_gguf.py). */
function permuted(bytes: Uint8Array, rows: number, heads: number): Uint8Array {
  const size = rows / heads;
  const row = bytes.length / rows;
  const out = new Uint8Array(bytes.length);
  for (let to = 0; to < rows; to++) {
    const [head, within] = [Math.floor(to / size), to % size];
    const from = head * size + (within % 2) * (size / 2) + (within >> 1);
    out.set(bytes.subarray(from * row, (from + 1) * row), to * row);
  }
  return out;
}

/** The same model as a GGUF file. Returns its path. */
export function ggufModel(name: string): string {
  const file = read("model.safetensors");
  const length = Number(file.readBigUInt64LE(0));
  const header = JSON.parse(file.subarray(8, 8 + length).toString()) as Record<string, Stored>;
  const config = JSON.parse(read("config.json").toString());
  const { model, added_tokens } = JSON.parse(read("tokenizer.json").toString());
  const heads = { q: config.num_attention_heads, k: config.num_key_value_heads };
  const tensors = Object.entries(header)
    .filter(([key]) => key !== "__metadata__")
    .map(
      ([
        key,
        {
          dtype,
          shape,
          data_offsets: [from, to],
        },
      ]) => {
        if (dtype !== "BF16") throw new Error(`${key} is stored as ${dtype}`);
        const own = file.subarray(8 + length + from, 8 + length + to);
        const turned = /self_attn\.([qk])_proj/.exec(key)?.[1] as "q" | "k" | undefined;
        const bytes = turned ? permuted(own, shape[0], heads[turned]) : own;
        // llama.cpp keeps what has one dimension in F32.
        const wide = shape.length === 1;
        const values = wide ? widened(bytes) : bytes;
        return { name: ggufName(key), dtype: wide ? "F32" : "BF16", shape, values };
      },
    );
  const tokens = Object.entries(model.vocab as Record<string, number>).sort((x, y) => x[1] - y[1]);
  const texts = tokens.map(([text]) => text);
  const kinds = Int32Array.from(texts, (text) =>
    (added_tokens as { content: string }[]).some(({ content }) => content === text) ? 3 : 1,
  );
  const merges = (model.merges as (string | [string, string])[]).map((one) =>
    typeof one === "string" ? one : one.join(" "),
  );
  const {
    head,
    tensors: placed,
    bytes: size,
  } = ggufFile(
    tensors.map(
      ({ name, dtype, shape, values }): OutputTensor => ({
        name,
        arrays: [{ name, dtype, shape, bytes: values.length }],
        quantized: false,
        async *pieces() {},
      }),
    ),
    [
      textPair("general.architecture", "llama"),
      uint32Pair("llama.block_count", config.num_hidden_layers),
      uint32Pair("llama.context_length", config.max_position_embeddings),
      uint32Pair("llama.embedding_length", config.hidden_size),
      uint32Pair("llama.feed_forward_length", config.intermediate_size),
      uint32Pair("llama.attention.head_count", config.num_attention_heads),
      uint32Pair("llama.attention.head_count_kv", config.num_key_value_heads),
      uint32Pair("llama.rope.dimension_count", config.head_dim),
      uint32Pair("llama.vocab_size", config.vocab_size),
      floatPair("llama.attention.layer_norm_rms_epsilon", config.rms_norm_eps),
      floatPair("llama.rope.freq_base", config.rope_parameters.rope_theta),
      textPair("tokenizer.ggml.model", "gpt2"),
      textPair("tokenizer.ggml.pre", "gpt-2"),
      textListPair("tokenizer.ggml.tokens", texts),
      intsPair("tokenizer.ggml.token_type", kinds),
      textListPair("tokenizer.ggml.merges", merges),
      uint32Pair("tokenizer.ggml.bos_token_id", config.bos_token_id),
      uint32Pair("tokenizer.ggml.eos_token_id", config.eos_token_id),
    ],
  );
  const whole = new Uint8Array(size);
  whole.set(head);
  placed.forEach(({ begins }, i) => {
    whole.set(tensors[i].values, begins[0]);
  });
  return write(name, whole);
}

/** bfloat16 as float32. */
function widened(bytes: Uint8Array): Uint8Array {
  const wide = new Uint8Array(2 * bytes.length);
  for (let i = 0; i < bytes.length; i += 2) wide.set(bytes.subarray(i, i + 2), 2 * i + 2);
  return wide;
}

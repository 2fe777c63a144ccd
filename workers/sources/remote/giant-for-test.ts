/** Checkpoints that are larger than any disk here: a server makes up their headers, and their numbers when asked. */
import { type Content, startServer, type TestServer } from "./server-for-test.ts";

export interface GiantTensor {
  name: string;
  dtype: "BF16" | "F8_E4M3" | "F32";
  shape: readonly number[];
}

export interface GiantModel {
  /** Tensors of each file. */
  shards: readonly (readonly GiantTensor[])[];
  /** The config.json beside them. */
  config: object;
}

export interface GiantModelServer extends TestServer {
  /** Address of the index. */
  index: string;
  /** Bytes of everything together. */
  size: number;
}

const BYTES = { BF16: 2, F8_E4M3: 1, F32: 4 } as const;

/** Bytes of a pattern that files are filled with, over and over; pieces of it lie at whole multiples. */
const PATTERN = 2 ** 17;

/** Sums of uniform draws around zero, as weights are. */
function* draws(): Generator<number> {
  for (let state = 1; ; ) {
    let sum = 0;
    for (let k = 0; k < 3; k++) {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      sum += state / 2 ** 32 - 0.5;
    }
    yield sum;
  }
}

/** The upper half of a float32 is a bfloat16. */
function bfloats(): Uint8Array {
  const pattern = new Uint8Array(PATTERN);
  const values = draws();
  for (let i = 0; i < PATTERN; i += 2) {
    const bits = new Uint32Array(Float32Array.of(0.05 * values.next().value!).buffer)[0] >>> 16;
    pattern.set([bits & 255, bits >>> 8], i);
  }
  return pattern;
}

/** Codes of E4M3 spread over its smaller numbers, none of them NaN. */
function eights(): Uint8Array {
  const values = draws();
  return Uint8Array.from({ length: PATTERN }, () => {
    const x = values.next().value! / 1.5;
    return (x < 0 ? 128 : 0) | Math.min(119, Math.floor(Math.abs(x) * 120));
  });
}

/** Scales: all alike. */
const scales = (): Uint8Array => new Uint8Array(new Float32Array(PATTERN / 4).fill(2 ** -7).buffer);

const patterns: Record<GiantTensor["dtype"], () => Uint8Array> = { BF16: bfloats, F8_E4M3: eights, F32: scales };
const made = new Map<GiantTensor["dtype"], Uint8Array>();
function patternOf(dtype: GiantTensor["dtype"]): Uint8Array {
  const known = made.get(dtype) ?? patterns[dtype]();
  made.set(dtype, known);
  return known;
}

/** A safetensors file whose header is written out and whose numbers are not. */
function shard(tensors: readonly GiantTensor[]): Content & { size: number } {
  let at = 0;
  const places = tensors.map(({ dtype, shape }) => {
    const begin = at;
    at += BYTES[dtype] * shape.reduce((product, n) => product * n, 1);
    return { begin, end: at, dtype };
  });
  const entries = tensors.map(({ name, dtype, shape }, i): [string, object] => [
    name,
    { dtype, shape, data_offsets: [places[i].begin, places[i].end] },
  ]);
  const header = Buffer.from(JSON.stringify(Object.fromEntries(entries)));
  const head = Buffer.alloc(8 + header.length);
  head.writeBigUInt64LE(BigInt(header.length));
  head.set(header, 8);
  return {
    size: head.length + at,
    bytes(begin, end) {
      const out = new Uint8Array(end - begin);
      if (begin < head.length) out.set(head.subarray(begin, Math.min(end, head.length)));
      fill(out, begin - head.length, end - head.length, places);
      return out;
    },
  };
}

/** Writes bytes [begin, end) of the numbers into an array that ends with them. */
function fill(
  out: Uint8Array,
  begin: number,
  end: number,
  places: readonly { begin: number; end: number; dtype: GiantTensor["dtype"] }[],
): void {
  let low = 0;
  for (let high = places.length; low < high; ) {
    const middle = (low + high) >>> 1;
    if (places[middle].end <= begin) low = middle + 1;
    else high = middle;
  }
  for (let i = low; i < places.length && places[i].begin < end; i++) {
    const pattern = patternOf(places[i].dtype);
    const stop = Math.min(end, places[i].end);
    for (let at = Math.max(begin, places[i].begin); at < stop; ) {
      const from = (at - places[i].begin) % PATTERN;
      const piece = pattern.subarray(from, Math.min(PATTERN, from + stop - at));
      out.set(piece, at - begin);
      at += piece.length;
    }
  }
}

/** Serves a checkpoint to pages of any origin, in the folder `/giant/`. */
export async function serveModel({ shards, config }: GiantModel): Promise<GiantModelServer> {
  const server = await startServer();
  const total = String(shards.length).padStart(5, "0");
  const map: Record<string, string> = {};
  let size = 0;
  shards.forEach((tensors, s) => {
    const file = `model-${String(s + 1).padStart(5, "0")}-of-${total}.safetensors`;
    const content = shard(tensors);
    size += content.size;
    server.files.set(`/giant/${file}`, content);
    for (const { name } of tensors) map[name] = file;
  });
  const index = Buffer.from(JSON.stringify({ metadata: { total_size: size }, weight_map: map }));
  server.files.set("/giant/model.safetensors.index.json", index);
  server.files.set("/giant/config.json", Buffer.from(JSON.stringify(config)));
  return Object.assign(server, { index: `${server.base}/giant/model.safetensors.index.json`, size });
}

/** Of a mixture as DeepSeek-V3 is: FP8 weights with a scale for each 128 x 128 block. */
export interface Mixture {
  layers: number;
  /** First layers without experts. */
  dense: number;
  experts: number;
  width: number;
  /** Rows of an expert's gate. */
  expertWidth: number;
  shards: number;
}

/** 671 thousand million weights, 46 thousand matrices: 690 GB. */
export const DEEPSEEK_V3: Mixture = { layers: 61, dense: 3, experts: 256, width: 7168, expertWidth: 2048, shards: 163 };

/** The tensors of a mixture in their files. */
export function mixture({ layers, dense, experts, width, expertWidth, shards }: Mixture): GiantModel {
  const tensors: GiantTensor[] = [{ name: "model.embed_tokens.weight", dtype: "BF16", shape: [129_280, width] }];
  const linear = (name: string, rows: number, cols: number) => {
    const blocks = [Math.ceil(rows / 128), Math.ceil(cols / 128)];
    tensors.push(
      { name: `${name}.weight`, dtype: "F8_E4M3", shape: [rows, cols] },
      { name: `${name}.weight_scale_inv`, dtype: "F32", shape: blocks },
    );
  };
  const plain = (name: string, shape: number[]) => void tensors.push({ name: `${name}.weight`, dtype: "BF16", shape });
  const feedForward = (name: string, inner: number) => {
    linear(`${name}.gate_proj`, inner, width);
    linear(`${name}.up_proj`, inner, width);
    linear(`${name}.down_proj`, width, inner);
  };
  for (let layer = 0; layer < layers; layer++) {
    const at = `model.layers.${layer}`;
    plain(`${at}.input_layernorm`, [width]);
    linear(`${at}.self_attn.q_a_proj`, 1536, width);
    linear(`${at}.self_attn.q_b_proj`, 24_576, 1536);
    linear(`${at}.self_attn.kv_a_proj_with_mqa`, 576, width);
    linear(`${at}.self_attn.kv_b_proj`, 32_768, 512);
    linear(`${at}.self_attn.o_proj`, width, 16_384);
    plain(`${at}.post_attention_layernorm`, [width]);
    if (layer < dense) {
      feedForward(`${at}.mlp`, 9 * expertWidth);
      continue;
    }
    plain(`${at}.mlp.gate`, [experts, width]);
    for (let expert = 0; expert < experts; expert++) feedForward(`${at}.mlp.experts.${expert}`, expertWidth);
    feedForward(`${at}.mlp.shared_experts`, expertWidth);
  }
  plain("model.norm", [width]);
  plain("lm_head", [129_280, width]);
  const each = Math.ceil(tensors.length / shards / 2) * 2;
  return {
    shards: Array.from({ length: shards }, (_, s) => tensors.slice(s * each, (s + 1) * each)).filter(
      (one) => one.length > 0,
    ),
    config: {
      architectures: ["DeepseekV3ForCausalLM"],
      quantization_config: { quant_method: "fp8", weight_block_size: [128, 128] },
    },
  };
}

/** For tests: the tensors of models of known shapes, as their GGUF files have them. */
import type { LlamaModel } from "./choose.ts";
import type { LlamaTensor } from "./tensors.ts";

export interface TestModel {
  model: LlamaModel;
  tensors: LlamaTensor[];
}

interface Shape extends LlamaModel {
  width: number;
  /** Of the feed forward, or of an expert. */
  inner: number;
  vocabulary: number;
  headSize?: number;
  tied?: boolean;
  fused?: boolean;
  /** Experts in one tensor a layer, or one by one as files had them in 2023. */
  apart?: boolean;
  /** Layers before those with experts. */
  dense?: number;
  latent?: boolean;
  positions?: number;
}

function tensorsOf(shape: Shape): LlamaTensor[] {
  const { width, inner, vocabulary, heads, keyHeads, layers, experts } = shape;
  const size = shape.headSize ?? width / heads;
  const tensors: LlamaTensor[] = [];
  const add = (name: string, ...dimensions: number[]) =>
    tensors.push({ name, dimensions, type: dimensions.length > 1 ? "F16" : "F32" });
  if (!shape.tied) add("output.weight", width, vocabulary);
  add("token_embd.weight", width, vocabulary);
  if (shape.positions) add("position_embd.weight", width, shape.positions);
  add("output_norm.weight", width);
  for (let layer = 0; layer < layers; layer++) {
    const own = (name: string, ...dimensions: number[]) => add(`blk.${layer}.${name}`, ...dimensions);
    own("attn_norm.weight", width);
    if (shape.fused) own("attn_qkv.weight", width, (heads + 2 * keyHeads) * size);
    else if (shape.latent) {
      own("attn_q_a.weight", width, 1536);
      own("attn_q_b.weight", 1536, heads * 192);
      own("attn_kv_a_mqa.weight", width, 576);
      own("attn_kv_b.weight", 512, heads * 256);
      own("attn_k_b.weight", 128, 512, heads);
    } else {
      own("attn_q.weight", width, heads * size);
      own("attn_k.weight", width, keyHeads * size);
      own("attn_v.weight", width, keyHeads * size);
    }
    own("attn_output.weight", heads * size, width);
    own("ffn_norm.weight", width);
    const kinds = [
      ["gate", width, inner],
      ["up", width, inner],
      ["down", inner, width],
    ] as const;
    const routed = experts > 0 && layer >= (shape.dense ?? 0);
    if (routed) own("ffn_gate_inp.weight", width, experts);
    for (const [kind, from, to] of kinds) {
      if (!routed) own(`ffn_${kind}.weight`, from, to);
      else if (!shape.apart) own(`ffn_${kind}_exps.weight`, from, to, experts);
      else for (let i = 0; i < experts; i++) own(`ffn_${kind}.${i}.weight`, from, to);
    }
  }
  return tensors;
}

const of = (architecture: string, shape: Omit<Shape, "architecture" | "experts"> & { experts?: number }): TestModel => {
  const { layers, heads, keyHeads, experts = 0 } = shape;
  return {
    model: { architecture, layers, heads, keyHeads, experts },
    tensors: tensorsOf({ architecture, experts: 0, ...shape }),
  };
};

const llama2 = { heads: 32, keyHeads: 32, layers: 32, width: 4096, inner: 11_008, vocabulary: 32_000 };
const mixtral = { layers: 32, heads: 32, keyHeads: 8, width: 4096, inner: 14_336, vocabulary: 32_000, experts: 8 };

export const testModels = {
  "Llama 2 7B": of("llama", llama2),
  "Llama 3 8B": of("llama", { ...llama2, keyHeads: 8, inner: 14_336, vocabulary: 128_256 }),
  "Llama 3 70B": of("llama", {
    ...{ layers: 80, heads: 64, keyHeads: 8, width: 8192, inner: 28_672, vocabulary: 128_256 },
  }),
  "Qwen2 72B": of("qwen2", { layers: 80, heads: 64, keyHeads: 8, width: 8192, inner: 29_568, vocabulary: 152_064 }),
  "Mixtral 8x7B": of("llama", mixtral),
  "Mixtral 8x7B, experts apart": of("llama", { ...mixtral, apart: true }),
  "Qwen3 30B-A3B": of("qwen3moe", {
    ...{
      layers: 48,
      heads: 32,
      keyHeads: 4,
      headSize: 128,
      width: 2048,
      inner: 768,
      vocabulary: 151_936,
      experts: 128,
    },
  }),
  "DeepSeek V2 Lite": of("deepseek2", {
    ...{ layers: 27, heads: 16, keyHeads: 16, width: 2048, inner: 1408, vocabulary: 102_400, experts: 64 },
    ...{ dense: 1, latent: true },
  }),
  "BailingMoE 3": of("bailingmoe3", {
    ...{ layers: 20, heads: 16, keyHeads: 16, width: 2048, inner: 512, vocabulary: 157_184, experts: 256 },
    ...{ dense: 1, latent: true },
  }),
  "Falcon 7B": of("falcon", {
    ...{ layers: 32, heads: 71, keyHeads: 1, width: 4544, inner: 18_176, vocabulary: 65_024, fused: true, tied: true },
  }),
  "Falcon 40B": of("falcon", {
    ...{ layers: 60, heads: 128, keyHeads: 8, width: 8192, inner: 32_768, vocabulary: 65_024, fused: true },
  }),
  "Gemma 2 2B": of("gemma2", {
    ...{ layers: 26, heads: 8, keyHeads: 4, headSize: 256, width: 2304, inner: 9216, vocabulary: 256_000, tied: true },
  }),
  "GPT-2": of("gpt2", {
    ...{ layers: 12, heads: 12, keyHeads: 12, width: 768, inner: 3072, vocabulary: 50_257, fused: true, tied: true },
    positions: 1024,
  }),
  stories260K: of("llama", {
    ...{ layers: 5, heads: 8, keyHeads: 4, width: 64, inner: 172, vocabulary: 512, tied: true },
  }),
} satisfies Record<string, TestModel>;

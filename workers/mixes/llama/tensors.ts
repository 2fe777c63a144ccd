/**
 * What llama-quantize sees in a tensor's name: its category, whether it is quantized at all, and in which order tensors come.
 *
 * Source: `tensor_get_category`, `tensor_allows_quantization` and `tensor_requires_imatrix` in src/llama-quant.cpp, and
 * `weight_name_comparer` in src/llama-model-loader.h of https://github.com/ggml-org/llama.cpp at commit
 * 007dbbf3fd17eefe9b47fee45f48f7ba5e62b714.
 */
import type { FileType } from "./file-types.ts";

/** A tensor as GGUF has it. */
export interface LlamaTensor {
  name: string;
  /** ggml's order, fastest dimension first. */
  dimensions: readonly number[];
  /** The type that it has, as ggml spells it. */
  type: string;
}

export type Category =
  | "token_embd"
  | "attn_q"
  | "attn_v"
  | "attn_k"
  | "attn_qkv"
  | "attn_kv_b"
  | "attn_output"
  | "ffn_up"
  | "ffn_gate"
  | "ffn_down"
  | "output"
  | "other";

/** Parts of names in the order in which they are looked for. */
const PARTS: readonly [part: string, category: Category][] = [
  ["attn_qkv.weight", "attn_qkv"],
  ["attn_kv_b.weight", "attn_kv_b"],
  ["attn_v.weight", "attn_v"],
  ["attn_k.weight", "attn_k"],
  ["attn_q.weight", "attn_q"],
  ["attn_output.weight", "attn_output"],
  ["ffn_up", "ffn_up"],
  ["ffn_gate", "ffn_gate"],
  ["ffn_down", "ffn_down"],
];

export function categoryOf(name: string): Category {
  if (name === "output.weight") return "output";
  if (name === "token_embd.weight" || name === "per_layer_token_embd.weight") return "token_embd";
  return PARTS.find(([part]) => name.includes(part))?.[1] ?? "other";
}

/** Whether a category counts as the values of attention. */
export const isAttentionValue = (category: Category): boolean =>
  category === "attn_v" || category === "attn_qkv" || category === "attn_kv_b";

/** What keeps its type wherever it stands in a name. */
const KEPT = [
  "_norm.weight",
  "ffn_gate_inp.weight",
  "ffn_gate_tid2eid.weight",
  "altup",
  "laurel",
  "per_layer_model_proj",
  "ssm_conv1d",
  "shortconv.conv.weight",
  "indexer.k_proj.weight",
  "indexer.q_proj.weight",
  ...["first", "w0", "w1", "w2", "v0", "v1", "v2", "a0", "a1", "a2", "g1", "g2"].map(
    (part) => `time_mix_${part}.weight`,
  ),
  ...["decay_w1", "decay_w2", "lerp_fused"].map((part) => `time_mix_${part}.weight`),
  "attn_rel_b.weight",
  ".position_embd",
  "sam.pos_embd",
  "sam.neck.",
  "sam.net_",
  ".rel_pos",
  ".patch_embd",
  ".patch_merger",
  "a.rvq.codebook",
  "mm.a.code_embd",
];

/** `LLM_TENSOR_POS_EMBD` and `LLM_TENSOR_TOKEN_TYPES`, which are alike in every architecture that has them. */
const KEPT_NAMES = ["position_embd.weight", "token_types.weight"];

/** Dimensions that are more than 1, as ggml counts them: at least one. */
const dimensionsOf = (dimensions: readonly number[]): number => Math.max(1, dimensions.findLastIndex((n) => n > 1) + 1);

/** Whether llama-quantize changes the type of this tensor. */
export function isQuantized({ name, dimensions }: LlamaTensor): boolean {
  return (
    dimensionsOf(dimensions) >= 2 &&
    name.endsWith("weight") &&
    !KEPT_NAMES.includes(name) &&
    !KEPT.some((part) => name.includes(part))
  );
}

/** Whether the tool refuses to make this type of the tensor without an importance matrix. */
export function needsImportance(name: string, type: string, fileType: FileType): boolean {
  const category = categoryOf(name);
  if (category === "token_embd" || category === "output") return false;
  if (type === "Q2_K") return fileType === "Q2_K_S";
  return ["IQ3_XXS", "IQ2_XXS", "IQ2_XS", "IQ2_S", "IQ1_M", "IQ1_S"].includes(type);
}

/** The layer in "blk.7.", or -1. */
export const layerOf = (name: string): number => Number(/^blk\.(-?\d+)\./.exec(name)?.[1] ?? -1);

/** The order in which the tool meets tensors, whatever their order in the file: by layer, then by name. Its counters go by it. */
export function inOrder<T extends { name: string }>(tensors: readonly T[]): T[] {
  const placed = tensors.map((tensor) => ({ tensor, name: tensor.name, layer: layerOf(tensor.name) }));
  placed.sort((a, b) => a.layer - b.layer || (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
  return placed.map(({ tensor }) => tensor);
}

/**
 * Layer and role of a tensor by its name, as far as the name goes: those of transformers, GGUF and Meta are alike behind
 * `commonName`; roles are those of `kernels/network` parts.
 */
import { commonName } from "../pairing/names.ts";
import { isSmall } from "../tensors/small.ts";

export interface ScoredPlace {
  /** Counted from 0; null where the name has none. */
  layer: number | null;
  role: string;
  /** Of a mixture: its number, where the name says it. */
  expert: number | null;
  /** Whether the tensor is a stack of experts, one behind the other. */
  stack: boolean;
}

/** What modules of mixtures and of latent attention are called in GGUF and elsewhere, and the roles that transformers' names give. */
const ROLES: readonly (readonly [RegExp, string])[] = [
  [/^(?:ffn_)?(?:gate_up)(?:_exps)?$/, "gate_up_proj"],
  [/^(?:ffn_gate_exps|ffn_gate_shexp|w1)$/, "gate_proj"],
  [/^(?:ffn_up_exps|ffn_up_shexp|w3)$/, "up_proj"],
  [/^(?:ffn_down_exps|ffn_down_shexp|w2)$/, "down_proj"],
  [/^(?:ffn_gate_inp)$/, "router"],
  [/^attn_q_a$/, "q_a_proj"],
  [/^attn_q_b$/, "q_b_proj"],
  [/^attn_kv_a_mqa$/, "kv_a_proj_with_mqa"],
  [/^attn_kv_b$/, "kv_b_proj"],
  [/^attn_k_b$/, "k_b_proj"],
  [/^attn_v_b$/, "v_b_proj"],
  [/^(?:embed_tokens|embed_in|word_embeddings)$/, "embedding"],
  [/^(?:lm_head|embed_out)$/, "head"],
  [/^embed_positions$/, "positions"],
  [/^(?:query_key_value|Wqkv|c_attn)$/, "qkv_proj"],
  [/^(?:dense_h_to_4h|fc1)$/, "up_proj"],
  [/^(?:dense_4h_to_h|fc2)$/, "down_proj"],
  [/^out_proj$/, "o_proj"],
];

/** A number behind a word that counts layers: `layers.7.`, `encoder.block.3.`, `h.0.`; else the first number of the name. */
const LAYER = /(?:^|[./])(?:blk|layers?|h|blocks?|resblocks|stages?)[./](\d+)(?=[./])/;
const NUMBER = /(?:^|[./])(\d+)(?=[./])/;
const EXPERT = /(?:^|[./])experts?[./](\d+)(?=[./]|$)/;

export function placeOf({ name, shape }: { name: string; shape: number[] }): ScoredPlace {
  const common = commonName(name);
  const inside = LAYER.exec(common) ?? NUMBER.exec(common);
  const layer = inside ? Number(inside[1]) : null;
  const expert = EXPERT.exec(common);
  const parts = common.split(/[./]/);
  const last = parts[parts.length - 1];
  const owner = /^(?:weight|bias|kernel|qweight|scale|gamma|beta)$/.test(last) ? parts[parts.length - 2] : last;
  const module = (owner ?? last).replace(/[._](?:weight|bias)$/, "");
  return {
    layer,
    role: roleOf(common, module, parts, { name, shape }),
    expert: expert ? Number(expert[1]) : null,
    stack:
      shape.length === 3 && /(?:_exps$|^experts?$)/.test(parts.find((part) => /_exps$|^experts?$/.test(part)) ?? ""),
  };
}

function roleOf(
  common: string,
  module: string,
  parts: readonly string[],
  tensor: { name: string; shape: number[] },
): string {
  if (isSmall(tensor)) return /(^|[._])bias$/i.test(common) ? "bias" : "norm";
  const found = ROLES.find(([pattern]) => pattern.test(module));
  // A gate in front of experts chooses among them; `mlp.gate_proj` is another thing.
  if (module === "gate" || module === "router") return "router";
  // GPT-NeoX and others call the projection behind attention by the word for any layer.
  if (module === "dense" && parts.some((part) => /attention|attn/.test(part))) return "o_proj";
  const role = found ? found[1] : module;
  return /shared_expert|shexp/.test(common) ? `shared_${role}` : role;
}

/** Names of weights in GGUF files, by which importance matrices call them. */

/** The layers of a decoder as Transformers name them, and as converters to GGUF do. */
const LAYERS: Record<string, string> = {
  "self_attn.q_proj": "attn_q",
  "self_attn.k_proj": "attn_k",
  "self_attn.v_proj": "attn_v",
  "self_attn.qkv_proj": "attn_qkv",
  "self_attn.o_proj": "attn_output",
  "mlp.gate_proj": "ffn_gate",
  "mlp.up_proj": "ffn_up",
  "mlp.gate_up_proj": "ffn_up",
  "mlp.down_proj": "ffn_down",
};

/**
 * What a converter to GGUF calls the weight that a checkpoint of Transformers calls so; null where that is not known. Converters
 * reorder rows of some weights (those of queries and keys), and no columns.
 */
export function ggufWeightName(name: string): string | null {
  if (/(^|\.)lm_head(\.weight)?$/.test(name)) return "output.weight";
  const found = /(?:^|\.)layers\.(\d+)\.(\w+\.\w+?)(?:\.weight)?$/.exec(name);
  if (!found || !Object.hasOwn(LAYERS, found[2])) return null;
  return `blk.${found[1]}.${LAYERS[found[2]]}.weight`;
}

/** Whether a GGUF weight is that of several experts: one matrix for each, one after the other. */
export const holdsExperts = (name: string): boolean => /_exps(\.|$)/.test(name);

/**
 * What one tensor is called in different homes. Sources: llama.cpp's `gguf-py/gguf/tensor_mapping.py` for GGUF, Meta's
 * `llama/model.py` for the original checkpoints, and the module names of Hugging Face's transformers.
 */

/** Wrappers that training programs put before the names of a model's own modules. */
const wrappers =
  /^(?:_orig_mod|module|base_model|state_dict|model_state_dict|language_model|text_model|transformer|model)\./;

/** Names outside the layers, without their `.weight`. */
const globals: [RegExp, string][] = [
  [/^(?:token_embd|tok_embeddings|wte|embeddings\.word_embeddings)\b/, "embed_tokens"],
  [/^(?:output_norm|ln_f|final_layernorm)\b/, "norm"],
  [/^output\b/, "lm_head"],
  [/^position_embd\b|^wpe\b/, "embed_positions"],
];

/** Names inside a layer. */
const inLayer: [RegExp, string][] = [
  [/^(?:attn_q|attention\.wq)\./, "self_attn.q_proj."],
  [/^(?:attn_k|attention\.wk)\./, "self_attn.k_proj."],
  [/^(?:attn_v|attention\.wv)\./, "self_attn.v_proj."],
  [/^(?:attn_output|attention\.wo)\./, "self_attn.o_proj."],
  [/^attn_q_norm\./, "self_attn.q_norm."],
  [/^attn_k_norm\./, "self_attn.k_norm."],
  [/^(?:attn_qkv|attn\.c_attn)\./, "self_attn.qkv_proj."],
  [/^(?:attn\.c_proj)\./, "self_attn.o_proj."],
  [/^(?:ffn_gate|feed_forward\.w1)\./, "mlp.gate_proj."],
  [/^(?:ffn_up|feed_forward\.w3|mlp\.c_fc)\./, "mlp.up_proj."],
  [/^(?:ffn_down|feed_forward\.w2|mlp\.c_proj)\./, "mlp.down_proj."],
  [/^(?:ffn_gate_inp|block_sparse_moe\.gate|mlp\.router)\./, "mlp.gate."],
  [/^(?:attn_norm|attention_norm|ln_1)\./, "input_layernorm."],
  [/^(?:ffn_norm|ln_2)\./, "post_attention_layernorm."],
];

/** `blk.7.`, `layers.7.`, `h.7.` and what stands behind it. */
const layer = /^(?:blk|layers|h|blocks|block)\.(\d+)\.(.*)$/;

/** One name for a tensor whatever program wrote it: that of transformers' Llama, without what wraps it. */
export function commonName(name: string): string {
  let bare = name;
  for (let next = bare.replace(wrappers, ""); next !== bare; next = bare.replace(wrappers, "")) bare = next;
  const inside = layer.exec(bare);
  if (!inside) {
    const rule = globals.find(([pattern]) => pattern.test(bare));
    return rule ? bare.replace(rule[0], rule[1]) : bare;
  }
  const [, number, rest] = inside;
  const rule = inLayer.find(([pattern]) => pattern.test(rest));
  return `layers.${number}.${rule ? rest.replace(rule[0], rule[1]) : rest}`;
}

/**
 * How the rows of a head's query or key projection are ordered: rotary embeddings turn either neighbouring rows
 * ("pairs": Meta, and GGUF files of the llama architecture and its like) or rows half a head apart ("halves": transformers). Null for
 * tensors that have no such order.
 */
export function rotaryOrder(name: string): "pairs" | "halves" | null {
  if (/\b(?:attn_[qk]|attention\.w[qk])\.(?:weight|bias)$/.test(name)) return "pairs";
  return /\bself_attn\.[qk]_proj\.(?:weight|bias)$/.test(name) ? "halves" : null;
}

/** Whether the rotated projection is the keys'. */
export const isKey = (name: string): boolean => /(?:attn_k|attention\.wk|k_proj)\.(?:weight|bias)$/.test(name);

/**
 * Where checkpoints of each writer hold a part, and in what order. GGUF: llama.cpp's `gguf-py/gguf/tensor_mapping.py` for names,
 * `convert_hf_to_gguf.py` for what it rearranges. Meta: `llama/model.py`.
 */
import type { Adaptation, Part, Stored, Writer } from "../types.ts";
import type { Family, Names, Traits } from "./traits.ts";

type Bare = Omit<Part, "stored">;

export function storedAs(family: Family, traits: Traits, names: Names) {
  const gguf = ggufNames(names);
  const meta = family.name === "llama" ? metaNames(names) : null;
  const plusOne = traits.norm.plusOne ?? false;
  /** What is done to a part that pairs the rotated rows of its heads. */
  const halves = (part: Bare, pairs: boolean, layer: number): Adaptation[] => {
    const turned = /\.(q_proj|k_proj)\.(weight|bias)$/.exec(part.name);
    const rotation = traits.rotation(layer);
    if (!pairs || !turned) return [];
    // Whoever stores pairs permutes layers without a rotation alike.
    const heads = turned[1] === "q_proj" ? traits.heads : traits.keyHeads;
    return [{ do: "halves", heads, size: rotation?.size ?? traits.size }];
  };
  return (part: Bare, of: number | "ends"): Partial<Record<Writer, Stored>> => {
    const layer = of === "ends" ? 0 : of;
    const transposed = traits.transposed && part.linear && part.role !== "head";
    const stored: Partial<Record<Writer, Stored>> = {
      transformers: { name: part.name, adapt: transposed ? [{ do: "transpose" }] : [] },
    };
    if (family.gguf) {
      const at = gguf(part, of);
      const adapt: Adaptation[] = [...at.adapt, ...halves(part, family.gguf.pairs ?? false, layer)];
      if (plusOne && part.role === "norm") adapt.push({ do: "add", value: -1 });
      if (traits.fused === "heads" && at.name.includes("attn_qkv")) {
        adapt.push({ do: "regroup", groups: 3, heads: traits.heads });
      }
      stored.gguf = { name: at.name, adapt };
    }
    const original = meta?.(part, of);
    if (original) stored.meta = { name: original, adapt: halves(part, true, layer) };
    return stored;
  };
}

/** llama.cpp's name of each module inside a layer; the first that fits. */
function ggufNames(names: Names): (part: Bare, of: number | "ends") => Stored {
  const after = names.afterAttention !== null;
  const modules: [string | null, string][] = [
    [names.query, "attn_q"],
    [names.key, "attn_k"],
    [names.value, "attn_v"],
    [names.fused, "attn_qkv"],
    [names.output, "attn_output"],
    [names.queryNorm, "attn_q_norm"],
    [names.keyNorm, "attn_k_norm"],
    [names.gate, "ffn_gate"],
    [names.up, "ffn_up"],
    [names.gateUp, "ffn_up"],
    [names.down, "ffn_down"],
    [names.beforeAttention, "attn_norm"],
    [after ? names.afterAttention : null, "post_attention_norm"],
    [names.beforeFeed, "ffn_norm"],
    [names.afterFeed, "post_ffw_norm"],
    ["mlp.gate", "ffn_gate_inp"],
  ];
  const ends: [string, string][] = [
    [names.embedding, "token_embd"],
    [names.positions, "position_embd"],
    [names.norm, "output_norm"],
    [names.head, "output"],
  ];
  const ending = (part: Bare) => /\.(weight|bias)$/.exec(part.name)![0];
  return (part, of) => {
    const end = ending(part);
    const module = part.name.slice(0, -end.length);
    if (of === "ends") {
      return { name: `${ends.find(([ours]) => ours === module)?.[1] ?? module}${end}`, adapt: [] };
    }
    const inside = module.slice(`${names.layer}${of}.`.length);
    const expert = /^mlp\.experts\.(\d+)\.(\w+)$/.exec(inside);
    const head = /^(.*)\.norms\.(\d+)$/.exec(inside);
    const name = expert ? `mlp.${expert[2]}` : head ? head[1] : inside;
    const theirs = modules.find(([ours]) => ours === name)?.[1] ?? name;
    // Experts of a layer are stacked, as are heads with norms of their own; `of` is told by the stack's own shape.
    const index = expert ? Number(expert[1]) : head ? Number(head[2]) : null;
    return {
      name: `blk.${of}.${theirs}${expert ? "_exps" : ""}${end}`,
      adapt: index === null ? [] : [{ do: "slice", index }],
    };
  };
}

function metaNames(names: Names): (part: Bare, of: number | "ends") => string | null {
  const modules = new Map<string, string>([
    [names.query, "attention.wq"],
    [names.key, "attention.wk"],
    [names.value, "attention.wv"],
    [names.output, "attention.wo"],
    [names.gate, "feed_forward.w1"],
    [names.up, "feed_forward.w3"],
    [names.down, "feed_forward.w2"],
    [names.beforeAttention ?? "", "attention_norm"],
    [names.beforeFeed ?? "", "ffn_norm"],
    [names.embedding, "tok_embeddings"],
    [names.norm, "norm"],
    [names.head, "output"],
  ]);
  return (part, of) => {
    if (!part.name.endsWith(".weight")) return null;
    const prefix = of === "ends" ? "" : `${names.layer}${of}.`;
    const theirs = modules.get(part.name.slice(prefix.length, -".weight".length));
    return theirs ? `${of === "ends" ? "" : `layers.${of}.`}${theirs}.weight` : null;
  };
}

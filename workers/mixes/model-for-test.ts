/** For tests: a model of transformers without values, with or without experts, as `mixModel` would tell it. */
import type { MixModel, MixSource } from "./types.ts";

export function modelForTest({ layers = 12, experts = 0, width = 512, inner = 1024 } = {}): MixModel {
  const tensors: MixSource[] = [];
  const add = (
    module: string,
    role: string,
    layer: number | null,
    shape: number[],
    gguf: string,
    expert: number | null = null,
  ) => {
    const elements = shape.reduce((a, b) => a * b, 1);
    const own = expert === null ? shape : [experts, ...shape];
    tensors.push({
      ...{ name: `${module}.weight`, shape, elements, dtype: "BF16", bytes: 2 * elements, layer, role },
      view: { split: shape.length - 1, transpose: false },
      linear: shape.length === 2 && role !== "embedding",
      gguf: { name: `${gguf}.weight`, shape: own, expert },
      modules: shape.length === 2 ? [module] : [],
    });
  };
  add("model.embed_tokens", "embedding", null, [1000, width], "token_embd");
  for (let layer = 0; layer < layers; layer++) {
    const [ours, theirs] = [`model.layers.${layer}`, `blk.${layer}`];
    add(`${ours}.input_layernorm`, "norm", layer, [width], `${theirs}.attn_norm`);
    for (const part of ["q", "k", "v"])
      add(`${ours}.self_attn.${part}_proj`, `${part}_proj`, layer, [width, width], `${theirs}.attn_${part}`);
    add(`${ours}.self_attn.o_proj`, "o_proj", layer, [width, width], `${theirs}.attn_output`);
    if (experts > 0) add(`${ours}.mlp.gate`, "router", layer, [experts, width], `${theirs}.ffn_gate_inp`);
    for (const [part, shape] of [
      ["up", [inner, width]],
      ["down", [width, inner]],
    ] as const) {
      if (experts === 0) add(`${ours}.mlp.${part}_proj`, `${part}_proj`, layer, [...shape], `${theirs}.ffn_${part}`);
      for (let i = 0; i < experts; i++)
        add(
          `${ours}.mlp.experts.${i}.${part}_proj`,
          `${part}_proj`,
          layer,
          [...shape],
          `${theirs}.ffn_${part}_exps`,
          i,
        );
    }
  }
  add("model.norm", "norm", null, [width], "output_norm");
  add("lm_head", "head", null, [1000, width], "output");
  return {
    ...{ label: "a test", architecture: "llama", layers, heads: 8, keyHeads: 2, experts, tied: false },
    ...{ tensors, cache: null, notes: [] },
  };
}

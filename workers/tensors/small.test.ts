import { describe, expect, it } from "vitest";
import { isSmall, withoutSmall } from "./small.ts";

const is = (name: string, ...shape: number[]) => isSmall({ name, shape });

describe("what nobody quantizes", () => {
  it("has one dimension at most", () => {
    expect([is("w", 64), is("w", 1, 64, 1), is("w"), is("w", 1, 1)]).toEqual([true, true, true, true]);
    expect([is("w", 2, 2), is("conv.weight", 8, 1, 3, 3)]).toEqual([false, false]);
  });

  it("is a norm's or a bias, by the name of what owns it", () => {
    for (const name of [
      ...["model.layers.0.input_layernorm.weight", "blk.0.attn_norm.weight", "norm.weight", "ln_f/g", "bn1.gamma"],
      ...["encoder.norm2.bias", "h.0.ln_1.weight", "q_norm.weight", "experts.gate_up_proj_bias", "proj.bias"],
    ]) {
      expect(is(name, 4, 64), name).toBe(true);
    }
    for (const name of [
      // A linear layer that belongs to a norm is a weight like any other.
      ...["double_blocks.0.norm1.linear.weight", "adaLN_modulation.1.weight", "normal", "enormous.weight", "k.weight"],
      ...["blk.0.ffn_down.weight", "lm_head.weight", "w2", "model.embed_tokens.weight", "biased.weight"],
    ]) {
      expect(is(name, 4, 64), name).toBe(false);
    }
  });

  it("is kept where there is nothing else", () => {
    const [w, b] = [
      { name: "w", shape: [4, 4] },
      { name: "b", shape: [4] },
    ];
    expect(withoutSmall([w, b])).toEqual({ kept: [w], small: [b] });
    expect(withoutSmall([b])).toEqual({ kept: [b], small: [] });
  });
});

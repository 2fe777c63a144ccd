import { expect, it } from "vitest";
import type { MixModel, MixSource } from "../../../../../workers/mixes/types.ts";
import { namedNear } from "./otherMixes.ts";

const view = { split: 1, transpose: false };
const weight = (layer: number, role: string, gguf: string, shape: [number, number] = [256, 256]): MixSource => ({
  ...{ name: `model.layers.${layer}.${role}.weight`, shape, elements: shape[0] * shape[1], dtype: "BF16" },
  ...{ bytes: 2 * shape[0] * shape[1], view, layer, role, linear: true, modules: [] },
  gguf: { name: `blk.${layer}.${gguf}.weight`, shape, expert: null },
});
const model = (more: Partial<MixModel> = {}): MixModel => ({
  ...{
    label: "m",
    architecture: "llama",
    layers: 2,
    heads: 4,
    keyHeads: 4,
    experts: 0,
    tied: false,
    cache: null,
    notes: [],
  },
  tensors: [0, 1].flatMap((layer) => [
    weight(layer, "self_attn.v_proj", "attn_v"),
    weight(layer, "self_attn.q_proj", "attn_q"),
    weight(layer, "mlp.down_proj", "ffn_down"),
  ]),
  ...more,
});

it("llama.cpp's mixes about a size: three that fit and the next one above, each with its rules", () => {
  const { mixes, why } = namedNear(model(), 4.6);
  expect(why).toBeNull();
  expect(mixes).toHaveLength(4);
  expect(mixes.every(({ kind, rules }) => kind === "named" && rules !== "")).toBe(true);
  expect(new Set(mixes.map(({ rules }) => rules)).size).toBe(4);
  expect(mixes[0].assigned.size).toBe(6);
});

it("of a model that its rules do not know there are none, and it says why", () => {
  const { mixes, why } = namedNear(model({ architecture: null }), 4.6);
  expect(mixes).toEqual([]);
  expect(why).toContain("llama.cpp's rules look at a model's architecture");
});

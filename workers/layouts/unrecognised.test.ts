import { describe, expect, test } from "vitest";
import { openWritten } from "../testing/open-written.ts";
import type { Written } from "./for-test/bits.ts";

const bits: Record<string, number> = {
  F8_E4M3: 8,
  F8_E5M2: 8,
  U8: 8,
  I8: 8,
  I16: 16,
  U32: 32,
  I32: 32,
  F32: 32,
  F16: 16,
};
const tensor = (name: string, dtype: string, shape: number[]) => ({
  ...{ name, dtype, shape },
  bytes: new Uint8Array((shape.reduce((a, b) => a * b, 1) * bits[dtype]) / 8),
});

async function warned(tensors: Written["tensors"], config?: unknown): Promise<string[]> {
  const file = config === undefined ? {} : { config: { name: "config.json", json: config } };
  const { info } = await openWritten({ ...file, tensors, name: "", shape: [], layout: "", value: () => 0 });
  return info.tensors.filter(({ warning }) => warning !== undefined).map(({ name }) => name);
}

/** Names under which programs keep what tells of quantization, beside a weight `m.fc.weight`. */
const tellers = [
  ...[
    "m.fc.scales",
    "m.fc.weight_scales",
    "m.fc.weight.scale",
    "m.fc.weight_scale_3",
    "m.fc.scaling_factor",
    "m.fc.wscale",
  ],
  ...["m.fc.qzeros", "m.fc.zeros", "m.fc.weight_zero_point", "m.fc.zero_points", "m.fc.weight_quantizer._scale"],
  ...[
    "m.fc.weight_quantizer.amax",
    "m.fc.absmax",
    "m.fc.codebook",
    "m.fc.weight.quant_map",
    "m.fc.comfy_quant",
    "m.fc.lut",
  ],
];

describe("codes that no layout decodes are never taken for weights in silence", () => {
  test.each(["F8_E4M3", "F8_E5M2", "U8", "I8", "I16", "U32", "I32"])("%s beside any of the names", async (dtype) => {
    for (const teller of tellers) {
      const found = await warned([tensor("m.fc.weight", dtype, [3, 5]), tensor(teller, "F16", [3, 7])]);
      expect(found, teller).toEqual(["m.fc.weight"]);
    }
  });

  test("or under a configuration that speaks of quantization", async () => {
    const tensors = [tensor("fc.weight", "I32", [4, 4]), tensor("norm.weight", "F32", [4])];
    expect(await warned(tensors, { quantization_config: { quant_method: "secret" } })).toEqual(["fc.weight"]);
    expect(await warned(tensors)).toEqual([]);
  });

  test("names that go on from the weight's, fused experts for example", async () => {
    const tensors = [tensor("e.down_proj", "I32", [2, 4, 4]), tensor("e.down_proj_zero_points", "I32", [2, 4])];
    expect(await warned(tensors)).toEqual(["e.down_proj"]);
  });

  test("plain tensors are left alone: floats, indices, marks, and codes with nothing beside them", async () => {
    expect(
      await warned([
        tensor("a.weight", "F16", [4, 4]),
        tensor("a.scale", "F16", [4]),
        tensor("b.weight", "F8_E4M3", [4, 4]),
        tensor("b.bias", "F16", [4]),
        tensor("emb.position_ids", "I32", [1, 8]),
        tensor("emb.scale", "F32", [1]),
        tensor("scaled_fp8", "F8_E4M3", [2]),
        tensor("attn.mask", "U8", [4, 4]),
      ]),
    ).toEqual([]);
  });

  test("says it in the list, once for each kind, and in every report", async () => {
    const many = Array.from({ length: 30 }, (_, i) => [
      tensor(`l.${i}.fc.weight`, "U8", [4, 8]),
      tensor(`l.${i}.fc.absmax`, "F32", [4]),
    ]).flat();
    const source = await openWritten({ tensors: many, name: "", shape: [], layout: "", value: () => 0 });
    expect(source.info.notes).toHaveLength(11);
    expect(source.info.notes[0]).toBe(
      "l.0.fc.weight is shown as stored, as U8 codes: l.0.fc.absmax beside it tells of quantization, and no layout known here decodes it.",
    );
    expect(source.info.notes[10]).toBe("20 more tensors are shown as stored, as codes.");
    const { notes } = source.matrix("l.7.fc.weight");
    expect(notes).toEqual([
      "U8 codes as they are stored, not the weight's values: l.7.fc.absmax beside it tells of quantization, and no layout known here decodes it",
    ]);
  });
});

/** Named mixes of models that are there: as recipes, as bytes, and as files that are written and read again. */
import { describe, expect, it } from "vitest";
import { goldenModels } from "../../kernels/network/testing/golden.ts";
import { openBytes, written } from "../export/write-for-test.ts";
import { openGoldenModel, openSampleModel, signal } from "../models/golden-for-test.ts";
import { openModel } from "../models/open.ts";
import { mixModel } from "./model.ts";
import { namedMix } from "./named.ts";
import { storedMix, transferred } from "./stored.ts";

const sample = async () => {
  const source = await openSampleModel();
  return { source, model: await mixModel(source, () => openModel(source, signal), signal) };
};

describe("the sample", () => {
  it("is told by the names of llama.cpp and transformers", async () => {
    const { source, model } = await sample();
    expect(model).toMatchObject({ architecture: "llama", layers: 6, experts: 0, tied: true, notes: [] });
    const down = model.tensors.find(({ role, layer }) => role === "down_proj" && layer === 2)!;
    expect(down).toMatchObject({
      ...{ name: "model.layers.2.mlp.down_proj.weight", linear: true, modules: ["model.layers.2.mlp.down_proj"] },
      gguf: { name: "blk.2.ffn_down.weight", shape: down.shape, expert: null },
    });
    expect(model.cache).toHaveLength(6);
    source.close();
  });

  it.each(["Q4_K_M", "Q8_0"] as const)(
    "%s is written as it was planned, and read back as the same mix",
    async (name) => {
      const { source, model } = await sample();
      const mix = namedMix(model, name);
      const { bytes, summary } = await written(source, { format: "gguf", recipe: mix.rules });
      const back = await openBytes("model.gguf", bytes);
      const stored = storedMix(back.info);
      const again = transferred(stored, model);
      // What is bfloat16 in the model is kept here, and in the file a cast.
      const same = again.tensors.map((tensor) => (tensor.recipe === "bf16" ? { ...tensor, recipe: "keep" } : tensor));
      expect(same).toEqual(mix.tensors);
      const data = mix.tensors.reduce((sum, tensor) => sum + Math.ceil(tensor.bytes / 32) * 32, 0);
      expect(summary.bytes - data).toBe(back.info.tensors[0].bytes!.begin);
      expect(summary.bytes).toBe(bytes.length);
      source.close();
      back.close();
    },
  );
});

/** Experts in stacks, matrices stored inputs x outputs, projections and norms of other kinds, rows that are no whole blocks. */
const others = goldenModels().filter((family) => ["gpt2", "qwen3_moe", "phi3", "gemma2"].includes(family));

describe.skipIf(others.length === 0)("other families (need the golden models)", () => {
  it.each(others)("%s", async (family) => {
    const source = await openGoldenModel(family);
    const model = await mixModel(source, () => openModel(source, signal), signal);
    expect(model.tensors.filter(({ gguf }) => !gguf)).toEqual([]);
    const mix = namedMix(model, "Q4_K_M");
    const { bytes } = await written(source, { format: "gguf", recipe: mix.rules });
    const back = await openBytes("model.gguf", bytes);
    const again = transferred(storedMix(back.info), model);
    expect(again.tensors).toEqual(mix.tensors);
    const {
      tensors: _,
      cache: __,
      label: ___,
      notes: ____,
      ...sizes
    } = await mixModel(back, () => openModel(back, signal), signal);
    expect(model).toMatchObject(sizes);
    source.close();
    back.close();
  });
});

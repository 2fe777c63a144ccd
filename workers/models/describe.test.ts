import { expect, test } from "vitest";
import { writeSafetensors } from "../checkpoints/safetensors/write.ts";
import { openBytes } from "../testing/open-bytes.ts";
import { describeModel } from "./describe.ts";
import { openSampleModel, signal } from "./golden-for-test.ts";
import { openModel } from "./open.ts";

test("a model is described by places, with what each is stored as and what all takes", async () => {
  const source = await openSampleModel();
  const described = await describeModel(source, () => openModel(source, signal));
  expect(described).toMatchObject({
    about: "Llama, 6 layers of width 256",
    family: "llama",
    layers: 6,
    vocabulary: 4096,
    trainedWindow: 1024,
    tied: true,
    problems: [],
    size: { parameters: 5_770_496 },
    tokenizer: { size: 4096, start: { id: 0, text: "<|endoftext|>" }, ends: [{ id: 0 }], special: 1 },
  });
  // The ends (embedding and last norm), and one of six equal layers.
  expect(described.least.parameters).toBe(4096 * 256 + 256 + (5_770_496 - 4096 * 256 - 256) / 6);
  expect(described.parts.filter(({ linear }) => linear)).toHaveLength(42);
  expect(described.parts.find(({ part }) => part === "model.layers.2.self_attn.k_proj.weight")).toEqual({
    name: "model.layers.2.self_attn.k_proj.weight",
    part: "model.layers.2.self_attn.k_proj.weight",
    layer: 2,
    role: "k_proj",
    linear: true,
    shape: [128, 256],
    view: { split: 1, transpose: false },
    bitsPerWeight: 16,
    adapted: null,
    missing: false,
  });
  // It is plain data: it goes to the page.
  expect(structuredClone(described)).toEqual(described);
  source.close();
});

test("tensors that are no model have a reason in place of one", async () => {
  const weights = writeSafetensors([{ name: "w", dtype: "F32", shape: [1], bytes: new Uint8Array(4) }]);
  const source = await openBytes({ "w.safetensors": weights });
  const described = await describeModel(source, () => openModel(source, signal));
  expect(described).toMatchObject({ about: null, parts: [], tokenizer: null });
  expect(described.problems).toEqual([
    "Nothing says how the model of w.safetensors is made: config.json was not given with it and does not lie beside it. Its tensors can be explored, not run.",
  ]);
});

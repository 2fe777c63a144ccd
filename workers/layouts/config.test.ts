import { describe, expect, test } from "vitest";
import { memorySource } from "../bytes/byte-source.ts";
import { utf8 } from "../checkpoints/bytes-for-test.ts";
import { writeSafetensors } from "../checkpoints/safetensors/write.ts";
import { openBytes } from "../testing/open-bytes.ts";
import { openWritten, without } from "../testing/open-written.ts";
import { configInMetadata, noConfig, takeConfig } from "./config.ts";
import { writeFp8, writeNvfp4 } from "./for-test/floats.ts";
import { writeGptq, writePacked } from "./for-test/integers.ts";

const file = (name: string, json: unknown) => memorySource(name, utf8(JSON.stringify(json)));
const weights = memorySource("model.safetensors", new Uint8Array(16));
const methodOf = async (name: string, json: unknown) => (await takeConfig([weights, file(name, json)])).config.method;

describe("the configuration beside a checkpoint", () => {
  test("is found by what is in it", async () => {
    expect(await methodOf("config.json", { quantization_config: { quant_method: "awq" } })).toBe("awq");
    expect(await methodOf("anything.json", { text_config: { quantization_config: { quant_method: "fp8" } } })).toBe(
      "fp8",
    );
    expect(await methodOf("config.json", { compression_config: { quant_method: "compressed-tensors" } })).toBe(
      "compressed-tensors",
    );
    expect(await methodOf("hf_quant_config.json", { quantization: { quant_algo: "NVFP4" } })).toBe("modelopt");
    expect(await methodOf("quantize_config.json", { bits: 4, group_size: 128 })).toBe("gptq");
    expect(await methodOf("config.json", { model_type: "llama" })).toBeNull();
  });

  test("is none of the checkpoint's files; other JSON is", async () => {
    const index = file("model.safetensors.index.json", { weight_map: {} });
    const notes = file("notes.json", { quantization: "none" });
    const broken = memorySource("broken.json", utf8('{"quantization_config":'));
    const { rest } = await takeConfig([file("config.json", { model_type: "llama" }), weights, index, notes, broken]);
    expect(rest).toEqual([weights, index, notes, broken]);
  });

  test("alone is opened like any other file", async () => {
    const config = file("config.json", { quantization_config: { quant_method: "awq" } });
    expect((await takeConfig([config])).rest).toEqual([config]);
    await expect(openBytes({ "config.json": utf8('{"model_type":"llama"}') })).rejects.toThrow("config.json");
  });

  test("may lie in the file's own metadata", () => {
    const json = JSON.stringify({ quant_method: "fp8", weight_block_size: [128, 128] });
    expect(configInMetadata({ quantization_config: json }).at("weight_block_size")).toEqual([128, 128]);
    const gptq = configInMetadata({ gptq_bits: "4", gptq_group_size: "-1", gptq_desc_act: "True" });
    expect([gptq.method, gptq.at("bits"), gptq.at("desc_act")]).toEqual(["gptq", 4, true]);
    expect(configInMetadata({ format: "pt", quantization_config: "{" })).toBe(noConfig);
  });

  test("is said to be the source; without it, names and shapes suffice", async () => {
    const written = writePacked({ out: 4, inputs: 64, group: 32 }, 4, {}, 1);
    const stored = async (withConfig: boolean) => (await openWritten(written, withConfig)).info.tensors[0].stored!;
    expect((await stored(true)).kind.source).toBe("config.json");
    expect((await stored(false)).kind.source).toBeNull();
    expect((await stored(false)).kind.recipe).toBe((await stored(true)).kind.recipe);
  });

  test("belongs to what a link asks for, where something was decoded", async () => {
    const written = writeGptq({ out: 8, inputs: 64, group: 32 }, 4, { version: 2 }, 1);
    const names = async (w: typeof written) => (await openWritten(w)).info.fingerprints.map((f) => f.name);
    expect(await names(written)).toEqual(["model.safetensors", "quantize_config.json"]);
    expect(await names(without(written, "qzeros"))).toEqual(["model.safetensors"]);
  });

  test("tells versions, symmetry and blocks that shapes do not", async () => {
    const recipe = async (...args: Parameters<typeof openWritten>) =>
      (await openWritten(...args)).info.tensors[0].stored!.kind.recipe;
    const v2 = writeGptq({ out: 8, inputs: 64, group: 32 }, 4, { version: 2 }, 1);
    expect((await openWritten(v2)).info.tensors[0].stored!.kind.readings[0].usual).toBe("v2");
    expect((await openWritten(v2, false)).info.tensors[0].stored!.kind.readings[0].usual).toBe("v1");
    expect(await recipe(v2)).toBe("int4(asym)/32:f16");
    const symmetric = {
      ...v2,
      config: { name: "config.json", json: { quantization_config: { quant_method: "gptq", bits: 4, sym: true } } },
    };
    // The zero points are not symmetric, whatever the configuration says.
    expect(await recipe(symmetric)).toBe("int4(asym)/32:f16");
    expect((await openWritten(symmetric)).info.notes[0]).toBe(
      "GPTQ: config.json says sym: true, but zero points are not all the middle of the range.",
    );
    expect(await recipe(writeFp8([300, 200], [96, 96], "deepseek", 1))).toBe("e4m3/96x96");
    expect(await recipe(writeFp8([300, 200], [128, 128], "deepseek", 1), false)).toBe("e4m3/128x128");
    expect(await recipe(writeNvfp4([4, 64], "modelopt", 1))).toBe("nvfp4");
  });
});

test("bits are counted over the checkpoint, everything included", async () => {
  const { tensors } = writePacked({ out: 8, inputs: 64, group: 32 }, 4, {}, 1);
  const norm = { name: "norm.weight", dtype: "BF16", shape: [64], bytes: new Uint8Array(128) };
  const source = await openBytes({ "model.safetensors": writeSafetensors([...tensors, norm]) });
  // 256 bytes of codes, 32 of scales, 16 of dimensions for 512 weights; 128 for 64.
  expect(source.info.notes).toEqual([
    "Stored with 6.00 bits a weight over the checkpoint, everything counted. Tensors: 1 as compressed-tensors INT4 (4.75 bits), 1 as BF16 (16.00 bits).",
  ]);
});

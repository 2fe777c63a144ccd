/** Whole files: what is kept, what goes through a recipe, and what is read back. */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { codecOf, decodeBlocks, ggmlTypes } from "../../kernels/ggml/index.ts";
import { sharedFile } from "../../kernels/testing/shared.ts";
import { writeGguf } from "../checkpoints/gguf/write-for-test.ts";
import { writeSafetensors } from "../checkpoints/safetensors/write.ts";
import { openSource } from "../sources/open.ts";
import { TensorCache } from "../tensors/cache.ts";
import { encodeFloats } from "./floats.ts";
import { npyBytes } from "./npy-header.ts";
import { planFile } from "./plan.ts";
import { writeFile } from "./stream.ts";
import { arraysOf, asked, openBytes, resultOf, runsForTest, valuesOf, written } from "./write-for-test.ts";

const values = (count: number, seed: number) =>
  Float32Array.from({ length: count }, (_, i) => Math.sin((i + 1) * seed) * (1 + (i % 11)));
const parts = {
  matrix: { dtype: "F32", shape: [24, 256], bytes: npyBytes("<f4", values(24 * 256, 1.7)) },
  half: { dtype: "BF16", shape: [10, 64], bytes: encodeFloats("BF16", values(640, 2.3)).bytes },
  conv: { dtype: "F32", shape: [4, 3, 2, 2], bytes: npyBytes("<f4", values(48, 0.9)) },
  norm: { dtype: "F16", shape: [24], bytes: encodeFloats("F16", values(24, 5.1)).bytes },
  ids: { dtype: "I64", shape: [3], bytes: new Uint8Array(BigInt64Array.of(1n, -2n, 2n ** 60n).buffer) },
  none: { dtype: "F32", shape: [0, 4], bytes: new Uint8Array() },
};
const model = (metadata: Record<string, string> = {}) =>
  openBytes(
    "model.safetensors",
    writeSafetensors(
      Object.entries(parts).map(([name, part]) => ({ name, ...part })),
      metadata,
    ),
  );

describe("safetensors", () => {
  it.each(["F32", "F16", "BF16"] as const)("has results as %s and everything else as it was", async (dtype) => {
    const source = await model({ author: "me" });
    const { bytes, summary } = await written(source, { format: "safetensors", recipe: "half=f32;*=int4/16", dtype });
    const arrays = arraysOf(bytes);
    expect([...arrays.keys()].sort()).toEqual(Object.keys(parts).sort());
    for (const name of ["half", "norm", "ids", "none"] as const) {
      expect(arrays.get(name)).toEqual({ ...parts[name], bytes: new Uint8Array(parts[name].bytes) });
    }
    for (const name of ["matrix", "conv"] as const) {
      const wanted = encodeFloats(dtype, await resultOf(source, name, "int4/16")).bytes;
      expect(arrays.get(name)).toEqual({ dtype, shape: parts[name].shape, bytes: wanted });
    }
    expect(summary).toMatchObject({ quantized: 2, kept: 4, bytes: bytes.length, recipe: "half=f32;*=int4/16" });
    const again = await openBytes("again.safetensors", bytes);
    expect(again.info.metadata).toEqual({ format: "pt", author: "me", recipe: "half=f32;*=int4/16" });
    expect(again.info.notes).toEqual([]);
    // Arrays begin where readers may map them.
    for (const { bytes: range, dtype: type } of again.info.tensors) {
      expect(range!.begin % { F32: 4, I64: 8, F16: 2, BF16: 2 }[type]!).toBe(0);
    }
  });

  it("turns a transposed reading back", async () => {
    const source = await model({ layout: "tensorflow" });
    expect(source.tensor("matrix").info.view.transpose).toBe(true);
    const { bytes } = await written(source, { format: "safetensors", recipe: "int8/row" });
    const result = await resultOf(source, "matrix", "int8/row");
    const again = await valuesOf(await openBytes("again.safetensors", bytes), "matrix");
    expect(again).toEqual(Float32Array.from(again, (_, i) => result[(i % 256) * 24 + Math.floor(i / 256)]));
  });

  it("tells of values beyond the range of the type", async () => {
    const source = await openBytes(
      "x.safetensors",
      writeSafetensors([{ name: "w", dtype: "F32", shape: [1, 2], bytes: npyBytes("<f4", Float32Array.of(1e6, 1)) }]),
    );
    const { notes } = await written(source, { format: "safetensors", recipe: "e8m7(top=none)", dtype: "F16" });
    expect(notes).toEqual(["w: 1 value was beyond the range of F16 and became infinite"]);
  });

  it("writes no results that another file holds", async () => {
    await expect(planFile(await model(), asked({ format: "safetensors", recipe: "*=given(1)" }))).rejects.toThrow(
      "Results that another checkpoint gives are in its own file already: open that one to export it.",
    );
  });

  it("refuses two arrays of one name", async () => {
    const part = { ...parts.matrix };
    const source = await openBytes(
      "x.safetensors",
      writeSafetensors([
        { name: "a", ...part },
        { name: "a.weight", ...part },
      ]),
    );
    await expect(written(source, { format: "compressed-tensors", recipe: "e4m3/row" })).rejects.toThrow(
      "Two arrays of the file would be called a.weight: one of a.weight, one of a.",
    );
  });
});

describe("a checkpoint that is quantized already", () => {
  it("is written as its values, one weight for its parts, and packed anew", async () => {
    const plain = await model();
    const recipe = "matrix=int4/64:f16;*=f32";
    const { bytes } = await written(plain, { format: "compressed-tensors", recipe });
    const source = await openBytes("packed.safetensors", bytes);
    const weight = source.info.tensors.find(({ name }) => name.startsWith("matrix"))!;
    const values = await valuesOf(source, weight.name);
    expect(values).toEqual(await resultOf(plain, "matrix", "int4/64:f16"));
    const back = await written(source, { format: "safetensors", recipe: "f32" });
    const arrays = arraysOf(back.bytes);
    expect(arrays.size).toBe(Object.keys(parts).length);
    expect(arrays.get(weight.name)!.bytes).toEqual(encodeFloats("F32", values).bytes);
    const again = await written(source, { format: "compressed-tensors", recipe: "matrix*=e4m3/row;*=f32" });
    expect(arraysOf(again.bytes).get("matrix.weight")).toMatchObject({ dtype: "F8_E4M3", shape: [24, 256] });
  });

  it("is written as it was read, under its own name", async () => {
    const { bytes } = await written(await model(), { format: "compressed-tensors", recipe: "matrix=mxfp4;*=f32" });
    const source = await openBytes("packed.safetensors", bytes);
    const [{ name, view }] = source.info.tensors.filter((t) => t.stored);
    const other = `${name}?nibbles=high`;
    expect(await valuesOf(source, name)).not.toEqual(await valuesOf(source, other));
    const values = await valuesOf(source, other);
    const back = await written(source, { format: "safetensors", recipe: "f32", tensor: { name: other, view } });
    expect([...arraysOf(back.bytes)]).toEqual([
      [name, { dtype: "F32", shape: [24, 256], bytes: encodeFloats("F32", values).bytes }],
    ]);
  });
});

describe("npy", () => {
  const one = { name: "matrix", view: { split: 1, transpose: false } };
  it.each(["F32", "F16"] as const)("has one tensor as %s", async (dtype) => {
    const source = await model();
    const { bytes } = await written(source, { format: "npy", recipe: "nvfp4", dtype, tensor: one });
    const again = await openBytes("again.npy", bytes);
    expect(again.info.tensors[0]).toMatchObject({ dtype, shape: [24, 256] });
    const wanted = encodeFloats(dtype, await resultOf(source, "matrix", "nvfp4")).bytes;
    expect(bytes.slice(-wanted.length)).toEqual(wanted);
  });

  it("says what it cannot hold", async () => {
    const source = await model();
    await expect(planFile(source, asked({ format: "npy", recipe: "nvfp4" }))).rejects.toThrow(
      "npy holds one tensor, and model.safetensors has 6: choose one of them.",
    );
    await expect(
      planFile(source, asked({ format: "npy", recipe: "nvfp4", dtype: "BF16", tensor: one })),
    ).rejects.toThrow("npy has no bfloat16: choose F16 or F32, or safetensors.");
  });
});

describe("GGUF", () => {
  const q8 = { name: "old.weight", dims: [32, 2], type: "Q8_0", bytes: new Uint8Array(68).fill(3) };
  const own = () =>
    openBytes(
      "model.gguf",
      writeGguf({
        metadata: [
          ["general.architecture", "string", "llama"],
          ["general.file_type", "uint32", 1],
          ["general.alignment", "uint32", 64],
          ["tokenizer.ggml.tokens", "array", "string", ["a", "b", "ç"]],
          ["llama.rope", "float32", 1e4],
        ],
        tensors: [
          { name: "blk.0.ffn_down.weight", dims: [256, 24], type: "F32", bytes: parts.matrix.bytes },
          { name: "norm", dims: [24], type: "F32", bytes: npyBytes("<f4", values(24, 5.1)) },
          q8,
        ],
        alignment: 64,
      }),
    );

  it.each(["q4_0", "q4_k", "q6_k", "q8_0"])("has %s blocks, the model's metadata, and what is kept", async (recipe) => {
    const source = await own();
    const rules = `old*=f32;*=${recipe}`;
    const { bytes, summary } = await written(source, { format: "gguf", recipe: rules });
    expect(summary.notes).toEqual(["kept as they are: 1 tensor with one dimension or of integers"]);
    const again = await openBytes("again.gguf", bytes);
    const type = ggmlTypes.find(({ name }) => name.toLowerCase() === recipe)!;
    expect(again.info.tensors.map(({ name, dtype, shape }) => [name, dtype, shape])).toEqual([
      ["blk.0.ffn_down.weight", type.name, [24, 256]],
      ["norm", "F32", [24]],
      ["old.weight", "Q8_0", [2, 32]],
    ]);
    expect(again.info.metadata).toMatchObject({
      "general.architecture": "llama",
      "tokenizer.ggml.tokens": "[a, b, ç]",
      "llama.rope": "10000",
      "general.quantization_version": "2",
      "quantscope.recipe": rules,
    });
    expect(again.info.metadata).not.toHaveProperty("general.file_type");
    expect(await valuesOf(again, "old.weight")).toEqual(await valuesOf(source, "old.weight"));
    const { begin, end } = again.info.tensors[0].bytes!;
    const decoded = new Float32Array(24 * 256);
    decodeBlocks(type, bytes.slice(begin, end), decoded);
    expect(await valuesOf(again, "blk.0.ffn_down.weight")).toEqual(decoded);
    expect(decoded).toEqual(await resultOf(source, "blk.0.ffn_down.weight", recipe));
  });

  describe("of a model in parts", () => {
    const part = (no: number, more: Partial<Parameters<typeof writeGguf>[0]>) =>
      writeGguf({
        ...more,
        metadata: [["split.no", "uint16", no], ["split.count", "uint16", 2], ...(more.metadata ?? [])],
      });
    const first = part(0, { metadata: [["general.architecture", "string", "llama"]] });
    const second = part(1, { tensors: [q8] });

    it("has the metadata of the first, which may hold nothing else", async () => {
      const source = await openBytes("m-00002-of-00002.gguf", second, ["m-00001-of-00002.gguf", first]);
      const { bytes, summary } = await written(source, { format: "gguf", recipe: "f32" });
      expect(summary.notes).toEqual([]);
      const { metadata } = (await openBytes("again.gguf", bytes)).info;
      expect(metadata["general.architecture"]).toBe("llama");
      expect(metadata).not.toHaveProperty("split.count");
    });

    it("says that without the first there is none", async () => {
      const source = await openBytes("m-00002-of-00002.gguf", second);
      const { summary } = await written(source, { format: "gguf", recipe: "f32" });
      expect(summary.notes).toEqual([expect.stringMatching(/^the source has no metadata of a model: /)]);
    });
  });

  it("has the results of any recipe as plain floats", async () => {
    const source = await own();
    const { bytes } = await written(source, { format: "gguf", recipe: "*down*=nvfp4;*=f32", dtype: "BF16" });
    const again = await openBytes("again.gguf", bytes);
    expect(again.info.tensors.map(({ dtype }) => dtype)).toEqual(["BF16", "F32", "Q8_0"]);
    const result = await resultOf(source, "blk.0.ffn_down.weight", "nvfp4");
    const { begin, end } = again.info.tensors[0].bytes!;
    expect(bytes.slice(begin, end)).toEqual(encodeFloats("BF16", result).bytes);
  });

  it("has no blocks of what is read transposed: the recipe's lie along the other dimension", async () => {
    const bytes = npyBytes("<f4", values(32 * 64, 0.7));
    const source = await openBytes(
      "model.safetensors",
      writeSafetensors([{ name: "w", dtype: "F32", shape: [32, 64], bytes }], { layout: "tensorflow" }),
    );
    await expect(planFile(source, asked({ format: "gguf", recipe: "q8_0" }))).rejects.toThrow(
      /^w: ggml's blocks lie along rows as they are stored, and this is read transposed\./,
    );
    const tensor = { name: "w", view: { split: 1, transpose: false } };
    const { summary } = await planFile(source, asked({ format: "gguf", recipe: "q8_0", tensor }));
    expect(summary.quantized).toBe(1);
  });

  it("says what has no blocks", async () => {
    await expect(planFile(await own(), asked({ format: "gguf", recipe: "int4/64" }))).rejects.toThrow(
      /^int4\/64 is none of ggml's block types, which GGUF holds: they are .*q4_0.*\. Its results can be written as F16, BF16 or F32\.$/,
    );
    const source = await model();
    await expect(planFile(source, asked({ format: "gguf", recipe: "q4_k" }))).rejects.toThrow(/^half: .*(64|256)/);
    const { summary } = await planFile(source, asked({ format: "gguf", recipe: "q4_0", unfit: "keep" }));
    expect(summary).toMatchObject({ quantized: 2, kept: 4 });
    expect(summary.notes.join("\n")).toMatch(/kept as they are: 1 tensor that do.* not fit: conv \(/);
    expect(summary.notes.join("\n")).toContain(
      "the source has no metadata of a model: readers of GGUF list and read the tensors, but llama.cpp runs no model without its metadata",
    );
  });
});

const golden = sharedFile("golden/gguf.json");
describe.skipIf(golden === null)(`blocks of ggml's own library${golden ? "" : " (golden data absent)"}`, async () => {
  const { types } = golden ? JSON.parse(readFileSync(golden, "utf8")) : { types: {} };
  const lcg = { kind: "generator", generator: { name: "lcg", rows: 8, cols: 1024, seed: 12345, params: {} } } as const;
  const written8 = ggmlTypes.filter((type) => codecOf(type) && types[type.name]);
  it.each(written8)("$name", async (type) => {
    const source = await openSource(lcg, "lcg", { cache: new TensorCache() });
    const { bytes } = await written(source, { format: "gguf", recipe: codecOf(type)!.name });
    const { begin, end } = (await openBytes("again.gguf", bytes)).info.tensors[0].bytes!;
    expect(createHash("sha256").update(bytes.subarray(begin, end)).digest("hex")).toBe(types[type.name].sha256_blocks);
  });
});

const stories = sharedFile("data/stories260K.bf16.safetensors");
describe.skipIf(stories === null)(`a real checkpoint${stories ? "" : " (data absent)"}`, () => {
  const open = async () => openBytes("stories.safetensors", new Uint8Array(readFileSync(stories!)));

  it.each([
    ["safetensors", "*norm*=f32;*=nvfp4", "BF16"],
    ["compressed-tensors", "*norm*=f32;*w2*=int8/row:bf16;*=int4/32:f16", null],
    ["gguf", "*norm*=f32;*=q8_0", null],
  ] as const)("as %s by %s is what the recipes give", async (format, recipe, dtype) => {
    const source = await open();
    const { bytes, summary } = await written(source, { format, recipe, dtype, unfit: "keep" });
    const again = await openBytes(format === "gguf" ? "again.gguf" : "again.safetensors", bytes);
    expect(again.info.tensors.length).toBe(source.info.tensors.length);
    let through = 0;
    for (const { name, shape } of source.info.tensors) {
      const values = await valuesOf(again, name);
      const before = await valuesOf(source, name);
      // Kept: norms by their rule, and what has rows that are no whole blocks.
      if (shape.length < 2 || values.every((x, i) => x === before[i])) continue;
      const own = format === "compressed-tensors" && name.includes("w2") ? "int8/row:bf16" : recipe.split("=").at(-1)!;
      through++;
      const result = await resultOf(source, name, own);
      const wanted = dtype ? await roundTrip(dtype, result) : result;
      expect(values.findIndex((x, i) => x !== wanted[i])).toBe(-1);
    }
    expect(through).toBe(summary.quantized);
    expect(through).toBeGreaterThan(10);
  });

  const roundTrip = async (dtype: "BF16", values: Float32Array) => {
    const part = { name: "x", dtype, shape: [values.length], bytes: encodeFloats(dtype, values).bytes };
    return valuesOf(await openBytes("x.safetensors", writeSafetensors([part])), "x");
  };
});

describe("writing", () => {
  it("tells bytes and tensors as it goes, and stops where it is told to", async () => {
    const source = await model();
    const { file } = await planFile(source, asked({ format: "safetensors", recipe: "int4/16" }));
    const told: [number, string][] = [];
    const controller = new AbortController();
    let writes = 0;
    const sink = {
      resize: async () => {},
      write: async () => {
        if (++writes === 2) controller.abort();
      },
    };
    const progress = ({ done, phase }: { done: number; phase: string }) => void told.push([done, phase]);
    const writing = writeFile(file, sink, runsForTest(), { signal: controller.signal, progress });
    await expect(writing).rejects.toMatchObject({ name: "AbortError" });
    expect(writes).toBe(2);
    expect(told[0][1]).toBe("matrix, 1 of 6");
    expect(told.every(([done], i) => i === 0 || done >= told[i - 1][0])).toBe(true);
  });

  it("ends with the failure of what it writes to", async () => {
    const { file } = await planFile(await model(), asked({ format: "safetensors", recipe: "int4/16" }));
    const full = { resize: async () => {}, write: async () => Promise.reject(new Error("no space left")) };
    const control = { signal: new AbortController().signal, progress: () => {} };
    await expect(writeFile(file, full, runsForTest(), control)).rejects.toThrow("no space left");
  });
});

describe("a weight of GGUF's NVFP4 with a scale of its own", () => {
  // Two blocks of ones: sub-block scales of 1 (UE4M3 0x38) and codes 2, which stand for 1.
  const block = Uint8Array.from([...new Array(4).fill(0x38), ...new Array(32).fill(0x22)]);
  const source = () =>
    openBytes(
      "model.gguf",
      writeGguf({
        tensors: [
          { name: "a.weight", dims: [64, 2], type: "NVFP4", bytes: Uint8Array.from([...block, ...block]) },
          { name: "a.scale", dims: [1], type: "F32", bytes: npyBytes("<f4", Float32Array.of(0.25)) },
        ],
      }),
    );
  it("keeps the scale beside copied blocks", async () => {
    const { bytes } = await written(await source(), { format: "gguf", recipe: "f32" });
    const again = await openBytes("again.gguf", bytes);
    expect(again.info.tensors.map((t) => t.name)).toEqual(["a.weight", "a.scale"]);
    expect(await valuesOf(again, "a.weight")).toEqual(await valuesOf(await source(), "a.weight"));
  });
  it.each([
    ["gguf", "q8_0"],
    ["safetensors", "int8/32"],
  ] as const)("leaves it out of %s where it is multiplied in", async (format, recipe) => {
    const request = { format, recipe, ...(format === "safetensors" && { dtype: "F32" as const }) };
    const { bytes, summary } = await written(await source(), request);
    const again = await openBytes(`again.${format}`, bytes);
    expect(again.info.tensors.map((t) => t.name)).toEqual(["a.weight"]);
    expect(summary.notes).toContain("left out: 1 tensor that the weights were multiplied by");
    const [first] = await valuesOf(again, "a.weight");
    expect(first).toBeCloseTo((await valuesOf(await source(), "a.weight"))[0], 3);
  });
});

import { describe, expect, it } from "vitest";
import { writeSafetensors } from "../checkpoints/safetensors/write.ts";
import { npyBytes } from "./npy-header.ts";
import { openBytes, valuesOf, written } from "./write-for-test.ts";

/** 4 rows of 256 values, of which those of two rows are multiplied. */
const values = (factor: number, rows: readonly number[] = [1, 2]) =>
  Float32Array.from({ length: 1024 }, (_, i) => Math.sin(i + 1) * (rows.includes(Math.floor(i / 256)) ? factor : 1));
const source = (of: Float32Array) =>
  openBytes(
    "w.safetensors",
    writeSafetensors([{ name: "m.weight", dtype: "F32", shape: [4, 256], bytes: npyBytes("<f4", of) }]),
  );

describe("blocks of ggml's whose scale is beyond float16", () => {
  it.each(["q4_0", "q4_1", "q5_0", "q5_1", "q8_0", "q2_k", "q3_k", "q4_k", "q5_k", "q6_k", "iq4_nl"])(
    "refuse the export as %s, by name and with their count",
    async (recipe) => {
      const size = /_k$/.test(recipe) ? 256 : 32;
      await expect(written(await source(values(1e9)), { format: "gguf", recipe })).rejects.toThrow(
        `m.weight: ${512 / size} blocks of ${recipe.toUpperCase()} would have a scale beyond float16 (65504), which the file could hold as Inf only: their values would be lost. The first begins at value 256. Keep this tensor as it is with a rule before, such as m.weight=f32, or write its results as f32.`,
      );
    },
  );
  it("of which there is one, too", async () => {
    const one = values(1);
    one[700] = 1e9;
    await expect(written(await source(one), { format: "gguf", recipe: "q8_0" })).rejects.toThrow(
      "m.weight: 1 block of Q8_0 would have a scale beyond float16 (65504), which the file could hold as Inf only: its values would be lost. The first begins at value 672.",
    );
  });
  it("while large values whose scale fits are written and read back finite", async () => {
    for (const recipe of ["q8_0", "q4_0"]) {
      const of = await source(values(recipe === "q8_0" ? 8e6 : 5e5));
      const { bytes, notes } = await written(of, { format: "gguf", recipe });
      expect(notes).toEqual([]);
      const back = await valuesOf(await openBytes("again.gguf", bytes), "m.weight");
      expect(back.every((value) => Number.isFinite(value))).toBe(true);
      expect(Math.max(...back)).toBeGreaterThan(4e5);
    }
  });
  it("and a rule that keeps the tensor is a way out", async () => {
    const { summary } = await written(await source(values(1e8)), { format: "gguf", recipe: "m.weight=f32;*=q8_0" });
    expect(summary).toMatchObject({ quantized: 0, kept: 1 });
  });
});

describe("scales of compressed-tensors beyond their type", () => {
  it.each([
    ["int4/32:f16", 1e8, 16],
    ["int8/row:f16", 1e9, 2],
    ["int4(asym)/32:f16", 1e8, 16],
  ])("are cut to its largest by %s, and told of with their count", async (recipe, factor, count) => {
    const { bytes, notes } = await written(await source(values(factor)), { format: "compressed-tensors", recipe });
    expect(notes).toEqual([
      `m.weight: ${count} scales are beyond F16 and cut to 65504, so that values of their blocks saturated`,
    ]);
    const again = await openBytes("again.safetensors", bytes);
    const scales = await again.tensor("m.weight_scale").read(0, again.tensor("m.weight_scale").info.elements);
    expect(scales.filter((value) => value === 65504)).toHaveLength(count);
  });
  it("are written in a wider type", async () => {
    for (const recipe of ["int4/32", "int4/32:bf16", "nvfp4", "mxfp4"]) {
      const { bytes } = await written(await source(values(1e8)), { format: "compressed-tensors", recipe });
      const back = await valuesOf(await openBytes("again.safetensors", bytes), "m.weight");
      expect(back.every((value) => Number.isFinite(value))).toBe(true);
    }
  });
  it("as does a scale of a tensor that has no reciprocal", async () => {
    const tiny = values(1).map((value) => value * 1e-37);
    await expect(written(await source(tiny), { format: "compressed-tensors", recipe: "nvfp4" })).rejects.toThrow(
      /^m\.weight: the scale of the tensor, [\d.e-]+, is stored as its reciprocal, which float32 does not hold\./,
    );
  });
});

import { describe, expect, it } from "vitest";
import { writeSafetensors } from "../checkpoints/safetensors/write.ts";
import { npyBytes } from "./npy-header.ts";
import { openBytes, resultOf, valuesOf, written } from "./write-for-test.ts";

const values = Float32Array.from({ length: 32 }, (_, i) => Math.sin(i)).fill(Number.NaN, 3, 5);

describe("NaN and Inf in compressed-tensors", () => {
  const odd = () =>
    openBytes(
      "w.safetensors",
      writeSafetensors([
        {
          name: "m.weight",
          dtype: "F32",
          shape: [1, 32],
          bytes: npyBytes("<f4", values),
        },
      ]),
    );
  it.each([
    ["int4/32", "m.weight: 2 values that are NaN or Inf became numbers, which is all that int4 holds"],
    ["mxfp4", "m.weight: 2 values that are NaN or Inf became numbers, which is all that e2m1 holds"],
  ])("are told of where %s has no code for them", async (recipe, note) => {
    const { notes } = await written(await odd(), { format: "compressed-tensors", recipe });
    expect(notes).toEqual([note]);
  });
  it("stay where the type has NaN, or the block's scale is one", async () => {
    for (const recipe of ["e4m3/row", "int4(nonfinite=poison)/32"]) {
      const { bytes, notes } = await written(await odd(), { format: "compressed-tensors", recipe });
      expect(notes).toEqual([]);
      expect(await valuesOf(await openBytes("again.safetensors", bytes), "m.weight")).toEqual(
        await resultOf(await odd(), "m.weight", recipe),
      );
    }
  });
});

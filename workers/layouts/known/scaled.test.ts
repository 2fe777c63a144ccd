import { expect, test } from "vitest";
import { memorySource } from "../../bytes/byte-source.ts";
import { writeSafetensors } from "../../checkpoints/safetensors/write.ts";
import { openFiles } from "../../sources/open.ts";
import { TensorCache } from "../../tensors/cache.ts";

/** What 1 is in the codes of each, as OCP and ml_dtypes define them: that of exponent bias. */
test.each([
  ["F8_E4M3", "e4m3", 0x38],
  ["F8_E5M2", "e5m2", 0x3c],
  ["F8_E4M3FNUZ", "e4m3fnuz", 0x40],
  ["F8_E5M2FNUZ", "e5m2fnuz", 0x40],
  ["F8_E4M3B11FNUZ", "e4m3b11fnuz", 0x58],
])("%s codes are those of %s, times their scale", async (dtype, element, one) => {
  const codes = new Uint8Array(64 * 32).fill(one);
  codes[1] = one + 0x80;
  const tensors = [
    { name: "w.weight", dtype, shape: [64, 32], bytes: codes },
    { name: "w.weight_scale", dtype: "F32", shape: [1], bytes: new Uint8Array(Float32Array.of(0.5).buffer) },
  ];
  const files = [memorySource("model.safetensors", writeSafetensors(tensors))];
  const source = await openFiles(files, "test", { cache: new TensorCache() });
  expect(source.info.tensors[0].stored?.kind.recipe).toBe(`${element}/tensor`);
  expect([...(await source.tensor("w.weight").read(0, 3))]).toEqual([0.5, -0.5, 0.5]);
});

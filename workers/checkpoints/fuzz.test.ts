import fc from "fast-check";
import { zipSync } from "fflate";
import { describe, test } from "vitest";
import { writeGguf } from "./gguf-for-test.ts";
import { floats, utf8 } from "./open-for-test.ts";
import { survives } from "./survive-for-test.ts";
import { writeSafetensors } from "./write-safetensors.ts";

const dict = utf8("{'descr': '<f8', 'fortran_order': True, 'shape': (2, 3), }\n");
const npy = Uint8Array.of(0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, dict.length, 0, ...dict, ...new Uint8Array(48));
const shard = writeSafetensors([{ name: "a", dtype: "F6_E2M3", shape: [4], bytes: Uint8Array.of(1, 2, 3) }]);
const index = utf8('{"metadata":{},"weight_map":{"a":"shard"}}');

const files: Record<string, Uint8Array> = {
  safetensors: writeSafetensors([{ name: "a", dtype: "F32", shape: [2], bytes: floats(1, 2) }], { k: "v" }),
  npy,
  "npz, stored": zipSync({ "a.npy": npy, "b.npy": npy }, { level: 0 }),
  "npz, deflated": zipSync({ "a.npy": npy, "b.npy": npy }, { level: 9 }),
  text: utf8("[[1, 2.5], [nan, -1e3]]"),
  index,
  gguf: writeGguf({
    metadata: [
      ["general.name", "string", "fuzz"],
      ["numbers", "array", "int32", [1, 2, 3]],
      ["words", "array", "string", ["a", "b"]],
    ],
    tensors: [
      { name: "a", dims: [2, 2], type: "F32", bytes: floats(1, 2, 3, 4) },
      { name: "b", dims: [32], type: "Q8_0", bytes: new Uint8Array(34).fill(7) },
    ],
  }),
};

describe.each(Object.entries(files))("%s", (_, valid) => {
  test("cut off anywhere", async () => {
    for (let length = 0; length < valid.length; length++) await survives({ f: valid.slice(0, length), shard });
  });
  test("with any bytes changed, left out or put in", async () => {
    const change = fc.record({
      at: fc.nat(valid.length - 1),
      bytes: fc.uint8Array({ maxLength: 4 }),
      remove: fc.integer({ min: 0, max: 4 }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 3 }), async (changes) => {
        let bytes = [...valid];
        for (const { at, bytes: put, remove } of changes) bytes = bytes.toSpliced(at, remove, ...put);
        await survives({ f: Uint8Array.from(bytes), shard });
      }),
      { numRuns: 500 },
    );
  });
});

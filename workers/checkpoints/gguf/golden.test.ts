/** A file by the ggml library with a tensor of every type that it quantizes to, against what ggml decodes them to. */
import { readFile } from "node:fs/promises";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { sharedFile } from "../../../kernels/testing/shared.ts";
import { openBytes } from "../../testing/open-bytes.ts";
import { survives } from "../../testing/survive.ts";

const file = sharedFile("golden/ggml_types.gguf");
const expectation = sharedFile("golden/ggml_types.expected.safetensors");
const absent = !file || !expectation;
const why = absent ? " (skipped: shared/golden/ggml_types.* are absent)" : "";

const bits = (values: Float32Array) => new Uint32Array(values.buffer, values.byteOffset, values.length);

describe.skipIf(absent)(`ggml_types.gguf${why}`, () => {
  const bytesOf = (path: string | null) => readFile(path as string);

  test.each(["ggml_types.gguf", "holiday.jpeg"])("every tensor of %s is ggml's to the bit", async (name) => {
    const { info, tensor } = await openBytes({ [name]: await bytesOf(file) });
    const expected = await openBytes({ expected: await bytesOf(expectation) });
    expect(info.kind).toBe("gguf");
    expect(info.tensors.map((t) => t.name).sort()).toEqual(expected.info.tensors.map((t) => t.name).sort());
    expect(info.tensors).toHaveLength(25);
    for (const { name, shape, elements, problem } of info.tensors) {
      expect([name, shape, problem]).toEqual([name, [4, 1024], undefined]);
      const decoded = await tensor(name).read(0, elements);
      expect(bits(decoded), name).toEqual(bits(await expected.tensor(name).read(0, elements)));
      const middle = await tensor(name).read(1000, 1300);
      expect(bits(middle), name).toEqual(bits(decoded.slice(1000, 1300)));
    }
  });

  test("metadata and the types' bits a weight are told", async () => {
    const { info, tensor } = await openBytes({ x: await bytesOf(file) });
    expect(info.metadata).toEqual({
      "general.architecture": "test",
      "general.name": "one tensor per ggml type",
      "general.alignment": "32",
      "general.file_type": "0",
      "test.array": "[1, -2, 3]",
    });
    expect(info.notes).toHaveLength(1);
    expect(info.notes[0]).toMatch(
      /^Stored with 5\.53 bits a weight on average\. Tensors: 1 as Q4_0 .*, 1 as Q4_K \(4\.5 bits\), /,
    );
    expect(tensor("blk.0.q4_k.weight").notes).toEqual(["Decoded from Q4_K, 4.5 bits a weight as stored"]);
  });

  test("its header, changed at random, gives tensors or a clear error", async () => {
    const valid = await bytesOf(file);
    const headerEnd = 2048;
    const change = fc.record({
      at: fc.nat(headerEnd),
      bytes: fc.uint8Array({ maxLength: 8 }),
      remove: fc.integer({ min: 0, max: 8 }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 3 }), async (changes) => {
        let bytes: Uint8Array = valid;
        for (const { at, bytes: put, remove } of changes) {
          bytes = Buffer.concat([bytes.subarray(0, at), put, bytes.subarray(at + remove)]);
        }
        await survives({ f: bytes });
      }),
      { interruptAfterTimeLimit: 5_000, numRuns: 500 },
    );
  });
});

import { describe, expect, test } from "vitest";
import type { ByteSource } from "../../bytes/byte-source.ts";
import { openFiles } from "../../sources/open.ts";
import { TensorCache } from "../../tensors/cache.ts";
import { openBytes, refusal } from "../../testing/open-bytes.ts";
import { survives } from "../../testing/survive.ts";
import { floats } from "../bytes-for-test.ts";
import { MAX_TENSORS } from "../limits.ts";
import { MAX_KEYS } from "./header.ts";
import { ggufWithStarts, type TestGguf, type TestTensor, writeGguf } from "./write-for-test.ts";

const open = (file: TestGguf) => openBytes({ f: writeGguf(file) });
const refused = (file: TestGguf) => refusal({ f: writeGguf(file) });
const f32 = (name: string, ...values: number[]): TestTensor => ({
  name,
  dims: [values.length],
  type: "F32",
  bytes: floats(...values),
});

describe("a header that cannot be used is refused", () => {
  test.each<[string, TestGguf, string]>([
    [
      "version 1",
      { version: 1 },
      "f is a GGUF file of version 1, from 2023; versions 2 and 3 are read. Convert it again.",
    ],
    ["version 4", { version: 4 }, "f: the GGUF version is 4; versions 2 and 3 are read. It is newer, or damaged."],
    ["version 0", { version: 0 }, "f: the GGUF version is 0; versions 2 and 3 are read. It is newer, or damaged."],
    [
      "more tensors than bytes",
      { tensorCount: 2n ** 63n },
      "f: the GGUF header announces 9223372036854776000 tensors, for which the 0 bytes after it are too few. The file was cut off, or the number is wrong.",
    ],
    [
      "more keys than bytes",
      { keyCount: 12, tensors: [f32("a", 1)] },
      "f: the GGUF header announces 12 metadata keys, for which the 72 bytes after it are too few. The file was cut off, or the number is wrong.",
    ],
    [
      "a value of no type",
      { metadata: [["k", "99", 0]] },
      'f: the metadata "k" has the unknown type 99 at byte 33. The header is damaged.',
    ],
    [
      "arrays in arrays in arrays",
      {
        metadata: [
          [
            "k",
            "array",
            "array",
            [["array", "array", [["array", "array", [["array", "array", [["array", "uint8", [1]]]]]]]]],
          ],
        ],
      },
      'f: the metadata "k" nests arrays deeper than 4 levels at byte 85.',
    ],
    [
      "an alignment that is none",
      { metadata: [["general.alignment", "uint32", 24]] },
      "f: general.alignment must be a power of two as uint32, not 24 as uint32. Without it no tensor can be found.",
    ],
    [
      "an alignment that is text",
      { metadata: [["general.alignment", "string", "32"]] },
      "f: general.alignment must be a power of two as uint32, not 32 as string. Without it no tensor can be found.",
    ],
    [
      "nine dimensions",
      { tensors: [{ name: "a", dims: [1, 1, 1, 1, 1, 1, 1, 1, 1], type: "F32" }] },
      'f: tensor 1 of 1, "a", has 9 dimensions at byte 33; the limit is 8. The header is damaged.',
    ],
    [
      "a name beyond all measure",
      { tensors: [f32("n".repeat(1025), 1)] },
      "f: the name of tensor 1 of 1 is 1025 bytes long at byte 32; the limit is 1024. The header is damaged.",
    ],
    [
      "a key beyond all measure",
      { metadata: [["k".repeat(65_536), "uint8", 1]] },
      "f: metadata key 1 of 1 is 65536 bytes long at byte 32; the limit is 65535. The header is damaged.",
    ],
  ])("%s", async (_, file, message) => {
    expect(await refused(file)).toBe(message);
  });

  test("lengths that lie are told with their place", async () => {
    const { bytes, starts } = ggufWithStarts({
      metadata: [
        ["k", "string", "value"],
        ["a", "array", "string", ["x"]],
      ],
    });
    const lie = (field: number, value: bigint) => {
      const changed = bytes.slice();
      new DataView(changed.buffer).setBigUint64(starts[field], value, true);
      return refusal({ f: changed });
    };
    const places = starts.map((at) => new DataView(bytes.buffer).getUint8(at));
    // Version, counts, key length, key, type, text length, text, ...; array: type, element type, count, length, text.
    const textLength = 6;
    const count = 12;
    expect([places[textLength], places[count]]).toEqual([5, 1]);
    expect(await lie(textLength, 2n ** 40n)).toBe(
      'f: the GGUF header needs 1.1 TB at byte 45 for the metadata "k", but the file ends at byte 84. It was cut off, or a length in its header is wrong.',
    );
    expect(await lie(count, 2n ** 64n - 1n)).toBe(
      'f: the GGUF header needs 148 EB at byte 75 for the metadata "a", but the file ends at byte 84. It was cut off, or a length in its header is wrong.',
    );
  });

  test("a file cut off in its header says where, at every field", async () => {
    const { bytes, starts } = ggufWithStarts({
      metadata: [
        ["name", "string", "value"],
        ["list", "array", "uint8", [1, 2, 3]],
      ],
      tensors: [f32("a", 1)],
    });
    for (const start of starts) {
      for (const length of [start, start + 1]) {
        const message = await refusal({ f: bytes.slice(0, length) });
        expect(message).toMatch(/^f: the GGUF header (needs|announces) .*(\.|wrong\.)$/);
      }
    }
  });
});

describe("a tensor with a problem leaves the others usable", () => {
  const good = f32("good", 1, 2, 3);
  test.each<[string, TestTensor, string]>([
    ["type", { name: "bad", dims: [1], type: 77 }, "is of the ggml type 77, which is not known here"],
    [
      "removed type",
      { name: "bad", dims: [32], type: 31 },
      "is of type Q4_0_4_4, which ggml no longer has. Convert the file again from its original",
    ],
    [
      "dimension",
      { name: "bad", dims: [2n ** 60n], type: "F32" },
      "has a dimension of 1152921504606847000, more than can be counted",
    ],
    [
      "product of dimensions",
      { name: "bad", dims: [2 ** 30, 2 ** 30], type: "F32" },
      "has more elements than can be counted: shape [1073741824, 1073741824]",
    ],
    [
      "row",
      { name: "bad", dims: [48, 2], type: "Q4_0" },
      "of shape [2, 48] has rows of 48 elements, which are not whole blocks of 32 (Q4_0)",
    ],
    [
      "alignment",
      { name: "bad", dims: [1], type: "F32", offset: 4 },
      "is at offset 4, which is not a multiple of the alignment, 32",
    ],
    [
      "offset",
      { name: "bad", dims: [1], type: "F32", offset: 2n ** 40n },
      "should take bytes 1099511627872 to 1099511627876, but the file ends at byte 128. It was cut off, or its header is wrong",
    ],
  ])("%s", async (_, bad, what) => {
    const { info, tensor } = await open({ tensors: [good, bad] });
    const problem = `f: tensor "bad" ${what}.`;
    expect(info.tensors.find((t) => t.name === "bad")?.problem).toBe(problem);
    await expect(tensor("bad").read(0, 1)).rejects.toThrow(problem);
    expect([...(await tensor("good").read(0, 3))]).toEqual([1, 2, 3]);
  });

  test("data cut off in the last tensor", async () => {
    const bytes = writeGguf({ tensors: [good, f32("last", 4, 5)] });
    const { info, tensor } = await openBytes({ f: bytes.slice(0, 132) });
    expect(info.tensors.map((t) => t.problem)).toEqual([
      undefined,
      'f: tensor "last" should take bytes 128 to 136, but the file ends at byte 132. It was cut off, or its header is wrong.',
    ]);
    expect([...(await tensor("good").read(0, 3))]).toEqual([1, 2, 3]);
  });

  test("overlap marks both", async () => {
    const { info } = await open({ tensors: [good, { ...f32("a", 1), offset: 0 }, f32("b", 2)] });
    expect(info.tensors.map((t) => t.problem)).toEqual([
      'f: tensor "good" overlaps "a" in bytes 128 to 132.',
      'f: tensor "a" overlaps "good" in bytes 128 to 132.',
      undefined,
    ]);
  });

  test("a name that occurs twice is listed once, with the reason", async () => {
    const { info } = await open({ tensors: [f32("twice", 1), f32("twice", 2), good] });
    expect(info.tensors.map((t) => [t.name, t.problem])).toEqual([
      ["twice", 'f: tensor "twice" is in the header twice.'],
      ["good", undefined],
    ]);
  });

  test("gaps and a key that occurs twice are told", async () => {
    const { info } = await open({
      metadata: [
        ["k", "uint8", 1],
        ["k", "uint8", 2],
      ],
      tensors: [
        f32("a", 1),
        { ...f32("b", 2), offset: 64 },
        { name: "c", dims: [0], type: "F32", bytes: new Uint8Array(64) },
      ],
    });
    expect(info.metadata.k).toBe("2");
    expect(info.notes.slice(0, 2)).toEqual([
      'f: the metadata "k" is in the header twice; the last one counts.',
      'f: bytes 164 to 224, before "b", belong to no tensor.',
    ]);
  });
});

describe("counts have limits even in a file that is long enough", () => {
  /** A terabyte of zeros after the header. */
  async function refusedWhenHuge(file: TestGguf): Promise<unknown> {
    const head = writeGguf(file);
    const source: ByteSource = {
      name: "f",
      size: 1e12,
      async slice(begin, end) {
        const bytes = new Uint8Array(end - begin);
        bytes.set(head.subarray(Math.min(begin, head.length), Math.min(end, head.length)));
        return bytes;
      },
    };
    return openFiles([source], "test", { cache: new TensorCache() }).then(
      () => "opened",
      (error) => error.message,
    );
  }
  test.each<[string, TestGguf, string]>([
    [
      "tensors",
      { tensorCount: MAX_TENSORS + 1 },
      "f: the GGUF header announces 1000001 tensors; the limit is 1000000.",
    ],
    ["keys", { keyCount: MAX_KEYS + 1 }, "f: the GGUF header announces 10001 metadata keys; the limit is 10000."],
    [
      "arrays in an array",
      { metadata: [["k", "array", "array", new Array(100_001).fill(["array", "uint8", []])]] },
      'f: the metadata "k" is an array of 100001 arrays; the limit is 100000.',
    ],
  ])("%s", async (_, file, message) => {
    expect(await refusedWhenHuge(file)).toBe(message);
  });
});

test("any field of the header may lie: what comes of it is a clear error or tensors that can be read", async () => {
  const { bytes, starts } = ggufWithStarts({
    metadata: [
      ["general.alignment", "uint32", 32],
      ["split.count", "uint16", 1],
      ["text", "string", "value"],
      ["words", "array", "string", ["a", "b"]],
      ["nested", "array", "array", [["array", "int8", [1, 2]]]],
    ],
    tensors: [f32("a", 1, 2), { name: "b", dims: [32, 1], type: "Q4_0", bytes: new Uint8Array(18) }],
  });
  const lies = [0n, 1n, 2n, 9n, 2n ** 31n, 2n ** 32n - 1n, 2n ** 53n, 2n ** 63n, 2n ** 64n - 1n];
  for (const start of starts) {
    for (const width of [4, 8]) {
      for (const lie of lies) {
        const changed = bytes.slice();
        const view = new DataView(changed.buffer);
        if (width === 4) view.setUint32(start, Number(BigInt.asUintN(32, lie)), true);
        else view.setBigUint64(start, lie, true);
        await survives({ f: changed });
      }
    }
  }
});

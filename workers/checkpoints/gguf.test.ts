import { describe, expect, test } from "vitest";
import { ggmlTypes } from "../../kernels/ggml/index.ts";
import { type ByteSource, memorySource } from "../sources/byte-source.ts";
import { openFiles } from "../sources/open.ts";
import { TensorCache } from "../tensors/cache.ts";
import { MAX_HEADER_BYTES } from "./gguf-cursor.ts";
import { ggufWithStarts, type TestGguf, type TestTensor, writeGguf } from "./gguf-for-test.ts";
import { floats, openBytes, refusal } from "./open-for-test.ts";

const open = (file: TestGguf) => openBytes({ f: writeGguf(file) });
const refused = (file: TestGguf) => refusal({ f: writeGguf(file) });
const f32 = (name: string, ...values: number[]): TestTensor => ({
  name,
  dims: [values.length],
  type: "F32",
  bytes: floats(...values),
});

/** Bytes of float32 or int16 values in big-endian order. */
const bigFloats = (...values: number[]) => {
  const view = new DataView(new ArrayBuffer(4 * values.length));
  values.forEach((value, i) => {
    view.setFloat32(4 * i, value);
  });
  return new Uint8Array(view.buffer);
};

describe("what is read", () => {
  test("metadata of all types; long arrays and texts are told, not kept", async () => {
    const { info } = await open({
      metadata: [
        ["u8", "uint8", 255],
        ["i8", "int8", -1],
        ["u16", "uint16", 65535],
        ["i16", "int16", -2],
        ["u32", "uint32", 4294967295],
        ["i32", "int32", -3],
        ["f32", "float32", 0.1],
        ["f64", "float64", 0.1],
        ["b", "bool", true],
        ["u64", "uint64", 2n ** 64n - 1n],
        ["i64", "int64", -(2n ** 63n)],
        ["s", "string", "späte"],
        ["none", "array", "string", []],
        ["words", "array", "string", ["a", "b"]],
        [
          "nested",
          "array",
          "array",
          [
            ["array", "int8", [1, 2]],
            ["array", "string", ["x"]],
          ],
        ],
        ["vocabulary", "array", "string", Array.from({ length: 1000 }, (_, i) => `token ${i}`)],
        ["scores", "array", "float32", new Array<number>(100).fill(1)],
        ["template", "string", "x".repeat(70_000)],
        ["last", "string", "found"],
      ],
    });
    expect(info.kind).toBe("gguf");
    expect(info.metadata).toEqual({
      u8: "255",
      i8: "-1",
      u16: "65535",
      i16: "-2",
      u32: "4294967295",
      i32: "-3",
      f32: "0.1",
      f64: "0.1",
      b: "true",
      u64: "18446744073709551615",
      i64: "-9223372036854775808",
      s: "späte",
      none: "[]",
      words: "[a, b]",
      nested: "[[1, 2], [x]]",
      vocabulary: "(1000 x string)",
      scores: "(100 x float32)",
      template: "(text of 70 kB)",
      last: "found",
    });
  });

  test("shapes are [out, in], rows are outputs, also of stacked experts", async () => {
    const zeros = new Uint8Array(96);
    const { info } = await open({
      tensors: [
        { name: "blk.0.attn_q.weight", dims: [4, 6], type: "F32", bytes: zeros },
        { name: "blk.0.ffn_up_exps.weight", dims: [4, 3, 2], type: "F32", bytes: zeros },
        { name: "conv.weight", dims: [4, 3, 2], type: "F32", bytes: zeros },
        { name: "scalar", dims: [], type: "F32", bytes: zeros.slice(0, 4) },
      ],
    });
    expect(info.tensors.map((t) => [t.shape, t.view.split, t.elements])).toEqual([
      [[6, 4], 1, 24],
      [[2, 3, 4], 2, 24],
      [[2, 3, 4], 1, 24],
      [[], 0, 1],
    ]);
  });

  test("plain numbers of every type, with the rounding of wide ones told", async () => {
    const of = (array: ArrayBufferView) => new Uint8Array(array.buffer);
    const { tensor } = await open({
      tensors: [
        { name: "I8", dims: [2], type: "I8", bytes: Uint8Array.of(1, 255) },
        { name: "I16", dims: [2], type: "I16", bytes: of(Int16Array.of(1, -300)) },
        { name: "I32", dims: [2], type: "I32", bytes: of(Int32Array.of(1, -70000)) },
        { name: "I64", dims: [2], type: "I64", bytes: of(BigInt64Array.of(1n, -(2n ** 40n))) },
        { name: "F64", dims: [2], type: "F64", bytes: of(Float64Array.of(0.5, 0.1)) },
        { name: "BF16", dims: [2], type: "BF16", bytes: Uint8Array.of(0x80, 0x3f, 0, 0xc0) },
        { name: "F16", dims: [2], type: "F16", bytes: Uint8Array.of(0, 0x3c, 0, 0xc0) },
      ],
    });
    const read = async (name: string) => [...(await tensor(name).read(0, 2))];
    expect(await read("I8")).toEqual([1, -1]);
    expect(await read("I16")).toEqual([1, -300]);
    expect(await read("I32")).toEqual([1, -70000]);
    expect(await read("I64")).toEqual([1, -(2 ** 40)]);
    expect(await read("F64")).toEqual([0.5, Math.fround(0.1)]);
    expect(tensor("F64").notes).toEqual(["F64 values were rounded to float32"]);
    expect(await read("BF16")).toEqual([1, -2]);
    expect(await read("F16")).toEqual([1, -2]);
  });

  test("blocks are read by any range of elements", async () => {
    const block = (d: number) => [d, 0x3c, ...Array.from({ length: 32 }, (_, j) => j)];
    const bytes = Uint8Array.from([...block(0), ...block(0)]);
    const { tensor } = await open({ tensors: [{ name: "a", dims: [32, 2], type: "Q8_0", bytes }] });
    expect([...(await tensor("a").read(30, 34))]).toEqual([30, 31, 0, 1]);
    expect([...(await tensor("a").read(7, 8))]).toEqual([7]);
    expect(tensor("a").info.bytes).toEqual({ file: "f", begin: 96, end: 164 });
  });

  test("NVFP4 whose model scales it again says so", async () => {
    const { tensor } = await open({
      tensors: [
        { name: "blk.0.up.weight", dims: [64], type: "NVFP4", bytes: new Uint8Array(36) },
        f32("blk.0.up.scale", 0.25),
      ],
    });
    expect(tensor("blk.0.up.weight").notes).toEqual([
      "Decoded from NVFP4, 4.5 bits a weight as stored",
      "The model multiplies these values with blk.0.up.scale, which is not done here",
    ]);
  });

  test("version 2, another alignment, a licence", async () => {
    const { info, tensor } = await open({
      version: 2,
      alignment: 64,
      metadata: [
        ["general.alignment", "uint32", 64],
        ["general.license", "string", "MIT"],
        ["general.author", "string", "Ada"],
      ],
      tensors: [f32("a", 1), f32("b", 2)],
    });
    expect(info.tensors.map((t) => (t.bytes?.begin ?? 1) % 64)).toEqual([0, 0]);
    expect([...(await tensor("b").read(0, 1))]).toEqual([2]);
    expect(info.licence).toEqual({ name: "MIT", holder: "Ada", from: "" });
    expect(info.notes).toEqual(["Stored with 32.00 bits a weight on average. Tensors: 2 as F32 (32 bits)."]);
  });
});

describe("big-endian files", () => {
  const q8 = [0x3c, 0, ...Array.from({ length: 32 }, (_, j) => 256 - j)];
  test.each(["GGUF", "FUGG"])("numbers and blocks are turned around (%s)", async (magic) => {
    const { info, tensor } = await open({
      littleEndian: false,
      magic,
      metadata: [["n", "uint16", 258]],
      tensors: [
        { name: "a", dims: [2], type: "F32", bytes: bigFloats(1, -2.5) },
        { name: "b", dims: [32], type: "Q8_0", bytes: Uint8Array.from(q8) },
        { name: "c", dims: [32], type: "Q5_0", bytes: new Uint8Array(22) },
      ],
    });
    expect(info.metadata).toEqual({ n: "258" });
    expect([...(await tensor("a").read(0, 2))]).toEqual([1, -2.5]);
    expect([...(await tensor("b").read(0, 3))]).toEqual([0, -1, -2]);
    expect(info.tensors[2].problem).toBe(
      'f: tensor "c" is stored as Q5_0 in a big-endian file, and no big-endian form of that type is defined.',
    );
  });
  test("of version 2 there are none", async () => {
    expect(await refused({ littleEndian: false, version: 2 })).toBe(
      "f is a big-endian GGUF file of version 2; only version 3 has a big-endian form.",
    );
  });
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

describe("only what is needed is read", () => {
  /** A file of any size whose bytes after `head` are zero, and the ranges that were read of it. */
  function sparse(head: Uint8Array, size: number) {
    const read: [number, number][] = [];
    const source: ByteSource = {
      name: "huge",
      size,
      async slice(begin, end) {
        read.push([begin, end]);
        const bytes = new Uint8Array(end - begin);
        bytes.set(head.subarray(Math.min(begin, head.length), Math.min(end, head.length)));
        return bytes;
      },
    };
    return { source, read, total: () => read.reduce((sum, [begin, end]) => sum + end - begin, 0) };
  }

  test("a tensor of a 700 GB file costs the header and its own bytes", async () => {
    const rows = 5_000_000;
    const bytes = (rows * 256 * 144) / 256;
    const head = writeGguf({
      tensors: Array.from({ length: 970 }, (_, i) => ({
        name: `blk.${i}.weight`,
        dims: [256, rows],
        type: "Q4_K",
        offset: i * bytes,
      })),
    });
    const { source, total } = sparse(head, head.length + 970 * bytes);
    expect(source.size).toBeGreaterThan(698e9);
    const opened = await openFiles([source], "test", { cache: new TensorCache() });
    expect(opened.info.tensors.filter((t) => !t.problem)).toHaveLength(970);
    expect(total()).toBeLessThan(1e6);
    const before = total();
    expect(await opened.matrix("blk.500.weight").read(7, 9)).toHaveLength(512);
    expect(total() - before).toBeLessThan(144 * 1500);
  });

  test("a vocabulary of numbers is stepped over; one of texts is read through, not kept", async () => {
    const numbers = writeGguf({
      metadata: [
        ["scores", "array", "float32", new Array<number>(300_000).fill(0)],
        ["end", "string", "here"],
      ],
    });
    const { source, total } = sparse(numbers, numbers.length);
    const { info } = await openFiles([source], "test", { cache: new TensorCache() });
    expect(info.metadata).toEqual({ scores: "(300000 x float32)", end: "here" });
    expect(total()).toBeLessThan(400_000);
  });

  test("a header has a limit", async () => {
    const { bytes, starts } = ggufWithStarts({ metadata: [["k", "array", "uint8", []]] });
    new DataView(bytes.buffer).setBigUint64(starts[starts.length - 1], BigInt(MAX_HEADER_BYTES), true);
    const { source } = sparse(bytes, 2 * MAX_HEADER_BYTES);
    await expect(openFiles([source], "test", { cache: new TensorCache() })).rejects.toThrow(
      'huge: the GGUF header is longer than 256 MB, the limit, with the metadata "k" at byte 49.',
    );
  });

  test("opening can be given up", async () => {
    const abort = new AbortController();
    abort.abort();
    const file = memorySource("f", writeGguf({ tensors: [f32("a", 1)] }));
    const opening = openFiles([file], "test", { cache: new TensorCache(), signal: abort.signal });
    await expect(opening).rejects.toMatchObject({ name: "AbortError" });
  });
});

test("every block type is read through the file", async () => {
  const types = ggmlTypes.filter((type) => type.decode);
  const { info, tensor } = await open({
    tensors: types
      .map(({ name, bytes }) => ({ name, dims: [256], type: name, bytes: new Uint8Array(256 * bytes) }))
      .map((t, i) => ({ ...t, bytes: t.bytes.slice(0, (256 / types[i].elements) * types[i].bytes) })),
  });
  for (const { name, problem } of info.tensors) {
    expect([name, problem]).toEqual([name, undefined]);
    expect(
      (await tensor(name).read(0, 256)).every((v) => v === 0),
      name,
    ).toBe(true);
  }
});

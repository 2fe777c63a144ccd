import { describe, expect, test } from "vitest";
import { ggmlTypes } from "../../../kernels/ggml/index.ts";
import { type ByteSource, memorySource } from "../../bytes/byte-source.ts";
import { openFiles } from "../../sources/open.ts";
import { TensorCache } from "../../tensors/cache.ts";
import { openBytes, refusal } from "../../testing/open-bytes.ts";
import { floats } from "../bytes-for-test.ts";
import { MAX_HEADER_BYTES } from "./cursor.ts";
import { ggufWithStarts, type TestGguf, type TestTensor, writeGguf } from "./write-for-test.ts";

const open = (file: TestGguf) => openBytes({ f: writeGguf(file) });
const f32 = (name: string, ...values: number[]): TestTensor => ({
  name,
  dims: [values.length],
  type: "F32",
  bytes: floats(...values),
});

/** Bytes of float32 values in big-endian order. */
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
    expect(info.notes).toEqual(["f has metadata only, as files of a vocabulary do: there is no tensor in it."]);
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

  test("NVFP4 is multiplied by the scale that the model keeps beside it", async () => {
    // Scales of 1 (UE4M3 0x38) and codes of 1 (0x2), twice.
    const block = Uint8Array.from([...new Array(4).fill(0x38), ...new Array(32).fill(0x22)]);
    const nvfp4 = (name: string, dims: number[], blocks = 1) => ({
      ...{ name, dims, type: "NVFP4" },
      bytes: Uint8Array.from({ length: 36 * blocks }, (_, i) => block[i % 36]),
    });
    const scales = (name: string, ...values: number[]) => ({
      ...{ name, dims: [values.length], type: "F32" },
      bytes: floats(...values),
    });
    const file = writeGguf({
      tensors: [
        ...[nvfp4("plain.weight", [64]), nvfp4("one.weight", [64]), scales("one.scale", 0.25)],
        ...[nvfp4("experts.weight", [64, 1, 2], 2), scales("experts.scale", 0.5, 3)],
        ...[nvfp4("odd.weight", [64]), scales("odd.scale", 1, 2)],
      ],
    });
    const { tensor } = await openBytes({ f: file });
    const read = async (name: string, begin: number, end: number) => [...(await tensor(name).read(begin, end))];
    const unscaled = (await read("plain.weight", 0, 1))[0];
    expect(unscaled).toBeGreaterThan(0);
    expect(await read("one.weight", 3, 5)).toEqual([unscaled * 0.25, unscaled * 0.25]);
    expect(await read("experts.weight", 62, 66)).toEqual([0.5, 0.5, 3, 3].map((scale) => unscaled * scale));
    expect(await read("odd.weight", 0, 1)).toEqual([unscaled]);
    const told = "Decoded from NVFP4, 4.5 bits a weight as stored";
    expect(tensor("plain.weight").notes).toEqual([told]);
    expect(tensor("one.weight").notes).toEqual([told, "Multiplied by one.scale, as the model does"]);
    expect(tensor("odd.weight").notes).toEqual([
      told,
      "Not multiplied by odd.scale, as the model does: that has the shape [2] and dtype F32",
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
    expect(await refusal({ f: writeGguf({ littleEndian: false, version: 2 }) })).toBe(
      "f is a big-endian GGUF file of version 2; only version 3 has a big-endian form.",
    );
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

  test("a long array of numbers is stepped over", async () => {
    const numbers = writeGguf({
      metadata: [
        ["scores", "array", "float32", new Array<number>(300_000).fill(0)],
        ["end", "string", "here"],
      ],
    });
    const { source, total } = sparse(numbers, numbers.length);
    const { info } = await openFiles([source], "test", { cache: new TensorCache() });
    expect(info.metadata).toEqual({ scores: "(300000 x float32)", end: "here" });
    // The first window and the one after the array, without the 1.2 MB between.
    expect(total()).toBeLessThan(200_000);
  });

  test("a vocabulary longer than the windows is read through once, and what follows it is found", async () => {
    const file = writeGguf({
      metadata: [
        ["tokens", "array", "string", Array.from({ length: 30_000 }, (_, i) => `token ${i}`)],
        ["end", "string", "here"],
      ],
      tensors: [f32("a", 1, 2)],
    });
    const { source, read } = sparse(file, file.length);
    const { info, tensor } = await openFiles([source], "test", { cache: new TensorCache() });
    expect(info.metadata).toEqual({ tokens: "(30000 x string)", end: "here" });
    expect([...(await tensor("a").read(0, 2))]).toEqual([1, 2]);
    const header = read.filter(([begin]) => begin > 0 && begin < file.length - 1000);
    expect(header.length).toBeGreaterThan(0);
    expect(header.length).toBeLessThan(8);
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

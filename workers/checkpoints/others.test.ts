import { zipSync } from "fflate";
import { describe, expect, test } from "vitest";
import { memorySource } from "../bytes/byte-source.ts";
import { openFiles } from "../sources/open.ts";
import { TensorCache } from "../tensors/cache.ts";
import { openBytes, refusal } from "../testing/open-bytes.ts";
import { floats, utf8 } from "./bytes-for-test.ts";
import { loadedKinds } from "./index.ts";
import { writeSafetensors } from "./safetensors/write.ts";

describe("raw data", () => {
  const open = (
    bytes: Uint8Array,
    spec: { dtype?: string; shape?: number[]; offset?: number; littleEndian?: boolean },
  ) =>
    openFiles(
      [memorySource("x.bin", bytes)],
      "id",
      { cache: new TensorCache() },
      {
        raw: { dtype: "F32", shape: [2], offset: 0, littleEndian: true, ...spec },
      },
    );
  test("dtype, shape, offset and byte order are obeyed", async () => {
    const little = await open(floats(9, 1, 2), { offset: 4 });
    expect([...(await little.matrix("x").read(0, 1))]).toEqual([1, 2]);
    const big = await open(Uint8Array.of(0x3f, 0x80, 0, 0), { shape: [1], littleEndian: false });
    expect([...(await big.matrix("x").read(0, 1))]).toEqual([1]);
    const rest = await open(floats(1, 2, 3), {});
    expect(rest.info.notes).toEqual(["x.bin: bytes 8 to 12 after the tensor are not shown."]);
  });
  test.each([
    [{ shape: [4] }, "x.bin: [4] of F32 from byte 0 would end at byte 16, but the file ends at byte 12."],
    [{ dtype: "F31" }, 'There is no dtype "F31". There are BOOL, U2,'],
    [{ shape: [1.5] }, "The shape must be a list of non-negative whole numbers, not [1.5]."],
    [{ shape: [-1] }, "The shape must be a list of non-negative whole numbers, not [-1]."],
    [{ offset: -4 }, "The offset must be a non-negative whole number of bytes, not -4."],
  ])("%j is refused", async (spec, message) => {
    await expect(open(floats(1, 2, 3), spec)).rejects.toThrow(message);
  });
});

describe("text files", () => {
  test.each([
    ["1,2\n3,4\n", [2, 2]],
    ["[[1, 2, 3]]", [1, 3]],
    ["0.5 nan -inf", [3]],
    ["tensor([1., 2.])", [2]],
  ])("%j opens by content", async (content, shape) => {
    const { info } = await openBytes({ "numbers.png": utf8(content) });
    expect(info.kind).toBe("text");
    expect(info.tensors[0]).toMatchObject({ name: "numbers", shape });
  });
  test("a mistake has its line and column", async () => {
    expect(await refusal({ "x.csv": utf8("1,2\n3,four\n") })).toBe(
      'x.csv: line 2, column 3: expected a number, found "four".',
    );
  });
});

describe("what is no checkpoint is named", () => {
  const gif = new TextEncoder().encode("GIF89a\x01");
  test.each([
    ["a.safetensors", gif, "a.safetensors is a GIF image."],
    ["b", new Uint8Array(), "b is empty."],
    [
      "c.safetensors",
      utf8("version https://git-lfs.github.com/spec/v1\noid sha256:1\nsize 5\n"),
      "c.safetensors is a Git LFS pointer, not the file it points to: fetch that with `git lfs pull`.",
    ],
    [
      "d",
      utf8("\n<!DOCTYPE html><html>"),
      "d is an HTML page, perhaps an error or a login page that was saved in place of the file.",
    ],
    ["e", utf8('{"a": 1}'), "e is a JSON object, which holds no tensors."],
    ["f", utf8("hello there"), "f is text, but not a list of numbers."],
    ["g", Uint8Array.of(0x1f, 0x8b, 8, 0), "g is a gzip archive: unpack it first."],
    [
      "h",
      Uint8Array.of(0x89, 0x48, 0x44, 0x46, 13),
      "h is an HDF5 file (Keras or another), which is not read: save its weights by safetensors or numpy.savez, or convert it with tensorflowjs_converter.",
    ],
    [
      "m.keras",
      zipSync({ "metadata.json": utf8("{}"), "model.weights.h5": utf8("x") }),
      "m.keras is a zip archive, perhaps a Keras model, which is not read: save its weights by safetensors or numpy.savez, or convert it with tensorflowjs_converter.",
    ],
    [
      "p.pkl",
      Uint8Array.of(0x80, 4, 0x4e, 0x2e),
      "p.pkl is a pickled Python object that torch.save did not write: save its arrays with numpy.savez.",
    ],
    ["i", Uint8Array.of(0, 1, 2, 3), "i is of a type that is not known here."],
  ])("%s", async (name, bytes, sentence) => {
    expect(await refusal({ [name]: bytes })).toBe(
      `${sentence} What can be opened: ${(await loadedKinds()).map((kind) => kind.describe).join(", ")}.`,
    );
  });
});

describe("files given together", () => {
  const one = (value: number) => writeSafetensors([{ name: "w", dtype: "F32", shape: [1], bytes: floats(value) }]);
  test("unrelated ones come under their own names, what is no checkpoint is left out, what is damaged is told", async () => {
    const { info, matrix } = await openBytes({
      "m/a.safetensors": one(1),
      "m/b.safetensors": one(2),
      "m/bad.safetensors": one(3).slice(0, 30),
      "m/notes.md": utf8("# hello"),
      "m/v.csv": utf8("5 6"),
    });
    expect(info.tensors.map((t) => t.name)).toEqual(["m/a.safetensors/w", "m/b.safetensors/w", "m/v"]);
    expect([...(await matrix("m/b.safetensors/w").read(0, 1))]).toEqual([2]);
    expect(info.label).toBe("m");
    expect(info.kind).toBe("safetensors, text");
    expect(info.notes).toEqual([
      expect.stringMatching(/^m\/bad\.safetensors: the header should end at byte/),
      "Left out: m/notes.md.",
    ]);
    expect(info.fingerprints.map((f) => f.name)).toEqual(["a.safetensors", "b.safetensors", "v.csv"]);
  });
  test("two files of one name stay apart", async () => {
    const sources = [memorySource("x", one(1)), memorySource("x", one(2))];
    const { info } = await openFiles(sources, "id", { cache: new TensorCache() });
    expect(info.tensors.map((t) => t.name)).toEqual(["x/w", "x/w (2)"]);
  });
  test("numbered parts without an index keep their tensors' names, unless two are alike", async () => {
    const part = (name: string) => writeSafetensors([{ name, dtype: "F32", shape: [1], bytes: floats(1) }]);
    const names = async (first: string, second: string) => {
      const given = { "m-00002-of-00002.safetensors": part(first), "m-00001-of-00002.safetensors": part(second) };
      return (await openBytes(given)).info.tensors.map((t) => t.name);
    };
    expect(await names("a", "b")).toEqual(["a", "b"]);
    expect(await names("a", "a")).toEqual(["m-00002-of-00002.safetensors/a", "m-00001-of-00002.safetensors/a"]);
  });
  test("an empty folder says so", async () => {
    expect(await refusal({})).toBe("There are no files in it.");
  });
});

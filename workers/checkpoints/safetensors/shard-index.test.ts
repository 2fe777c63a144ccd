import { describe, expect, test } from "vitest";
import { openBytes, refusal } from "../../testing/open-bytes.ts";
import { floats, utf8 } from "../bytes-for-test.ts";
import { type Py, storage, tensor, writeLegacyForm, writeZipForm } from "../pytorch/write-for-test.ts";
import { writeSafetensors } from "./write.ts";

const shard = (name: string, value: number) =>
  writeSafetensors([{ name, dtype: "F32", shape: [1], bytes: floats(value) }]);
const index = (map: Record<string, unknown>) => utf8(JSON.stringify({ metadata: { total_size: 8 }, weight_map: map }));
const map = { a: "m-1-of-2.safetensors", b: "m-2-of-2.safetensors" };
const parts = { "m-1-of-2.safetensors": shard("a", 1), "m-2-of-2.safetensors": shard("b", 2) };

test("shards and index in any order, in a folder or not, are one checkpoint", async () => {
  const files = Object.entries({ ...parts, "some.json": index(map) });
  for (const order of [files, [...files].reverse()]) {
    for (const folder of ["", "model/"]) {
      const given = Object.fromEntries(order.map(([name, bytes]) => [folder + name, bytes]));
      const { info, matrix } = await openBytes(given);
      expect(info.tensors.map((t) => t.name)).toEqual(["a", "b"]);
      expect(info.notes).toEqual([]);
      expect(info.fingerprints).toHaveLength(3);
      expect([...(await matrix("b").read(0, 1))]).toEqual([2]);
    }
  }
});

test("shards of PyTorch, zipped or legacy", async () => {
  const state = (name: string): Py => ({ dict: [[name, tensor(storage("0", 1), [1])]] });
  const given = {
    "pytorch_model.bin.index.json": index({ a: "pytorch_model-1.bin", b: "pytorch_model-2.bin" }),
    "pytorch_model-1.bin": writeZipForm(state("a"), { 0: floats(1) }),
    "pytorch_model-2.bin": writeLegacyForm(state("b"), [["0", floats(2)]]),
  };
  const { info, matrix } = await openBytes(given);
  expect(info).toMatchObject({ kind: "pytorch", notes: [] });
  expect([...(await matrix("a").read(0, 1)), ...(await matrix("b").read(0, 1))]).toEqual([1, 2]);
});

test("a missing shard spoils its own tensors only", async () => {
  const { info } = await openBytes({ i: index(map), "m-1-of-2.safetensors": parts["m-1-of-2.safetensors"] });
  expect(info.tensors.map((t) => t.problem)).toEqual([
    undefined,
    'i: tensor "b" is in m-2-of-2.safetensors, which is not among the files given. Open it together with the index.',
  ]);
  expect(info.notes).toEqual(["i: m-2-of-2.safetensors is not among the files given."]);
});

test("a damaged shard spoils its own tensors only", async () => {
  const bad = parts["m-2-of-2.safetensors"].slice(0, 20);
  const { info } = await openBytes({ i: index(map), ...parts, "m-2-of-2.safetensors": bad });
  expect(info.tensors[0].problem).toBeUndefined();
  expect(info.tensors[1].problem).toMatch(
    /^m-2-of-2\.safetensors: the header should end at byte \d+, but the file ends at byte 20\./,
  );
});

test("an index and shards that contradict each other are told", async () => {
  const wrong = { a: "m-2-of-2.safetensors", c: "m-1-of-2.safetensors" };
  const { info } = await openBytes({ i: index(wrong), ...parts });
  expect(info.tensors.map((t) => [t.name, t.problem])).toEqual([
    ["a", 'i: tensor "a" should be in m-2-of-2.safetensors, but that file does not have it.'],
    ["c", 'i: tensor "c" should be in m-1-of-2.safetensors, but that file does not have it.'],
    ["b", undefined],
  ]);
  expect(info.notes).toEqual([
    'm-2-of-2.safetensors: tensor "b" is not in the index.',
    'm-1-of-2.safetensors: tensor "a" is here too, though the index places it in m-2-of-2.safetensors.',
  ]);
});

describe("an index that cannot be used is refused", () => {
  const cases: [string, Record<string, Uint8Array>, string][] = [
    [
      "alone",
      { i: index(map) },
      "i is the index of 2 files, such as m-1-of-2.safetensors. Open it together with them.",
    ],
    ["empty", { i: index({}) }, "i: the index lists no tensors."],
    ["not names", { i: index({ a: 1 }) }, 'i: the index gives no file name for tensor "a".'],
    ["no object", { i: utf8('{"weight_map":[]}') }, 'i: the index has no object "weight_map".'],
    ["twice", { i: utf8('{"weight_map":{"a":"x","a":"y"}}') }, 'i: the index places tensor "a" twice.'],
    [
      "not JSON",
      { i: utf8('{"weight_map":{') },
      "i: the index is not valid JSON: expected a string at character 15, found the end.",
    ],
  ];
  test.each(cases)("%s", async (_, files, message) => {
    expect(await refusal(files)).toBe(message);
  });
});

import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { openBytes, refusal } from "../../testing/open-bytes.ts";
import { floats, utf8 } from "../bytes-for-test.ts";

type Weight = { name: string; shape: number[]; dtype: string; quantization?: Record<string, unknown> };
const f32 = (name: string, ...shape: number[]): Weight => ({ name, shape, dtype: "float32" });

function model(
  groups: { paths: string[]; weights: Weight[] }[],
  more: Record<string, unknown> = { format: "layers-model" },
): Uint8Array {
  return utf8(JSON.stringify({ ...more, modelTopology: {}, weightsManifest: groups }));
}
async function read(files: Record<string, Uint8Array>, name: string): Promise<number[]> {
  const { info, read: range } = (await openBytes(files)).tensor(name);
  return [...(await range(0, info.elements))];
}

describe("weights in shards", () => {
  const groups = [
    { paths: ["a.bin", "b.bin"], weights: [f32("first/kernel", 2, 2), f32("first/bias", 2)] },
    {
      paths: ["c.bin"],
      weights: [
        { name: "n", shape: [2], dtype: "int32" },
        { name: "on", shape: [2], dtype: "bool" },
      ],
    },
  ];
  const data = floats(1, 2, 3, 4, 5, 6);
  const files = {
    "m/a.bin": data.slice(0, 10),
    "m/b.bin": data.slice(10),
    "m/c.bin": Uint8Array.of(1, 0, 0, 0, 255, 255, 255, 255, 0, 1),
  };
  test.each(["model.json", "photo.png"])("%s opens by content, and weights go over the seams", async (name) => {
    const given = { [`m/${name}`]: model(groups, { format: "graph-model", convertedBy: "a test" }), ...files };
    const { info } = await openBytes(given);
    expect(info).toMatchObject({ kind: "tfjs", notes: [], metadata: { format: "graph-model", convertedBy: "a test" } });
    expect(info.fingerprints).toHaveLength(4);
    expect(await read(given, "first/kernel")).toEqual([1, 2, 3, 4]);
    expect(await read(given, "first/bias")).toEqual([5, 6]);
    expect(await read(given, "n")).toEqual([1, -1]);
    expect(await read(given, "on")).toEqual([0, 1]);
  });
  test("a signature that fills the first kilobytes", async () => {
    const json = JSON.stringify({ format: "graph-model", signature: "x".repeat(5000), weightsManifest: groups });
    expect(await read({ "m/model": utf8(json), ...files }, "first/bias")).toEqual([5, 6]);
  });
  test("kernels have their outputs as rows", async () => {
    const { matrix } = await openBytes({ "m/model.json": model(groups), ...files });
    expect([...(await matrix("first/kernel").read(0, 1))]).toEqual([1, 3]);
  });
  test("a manifest in a file of its own", async () => {
    expect(
      await read(
        { "weights_manifest.json": utf8(JSON.stringify([groups[0]])), "a.bin": data, "b.bin": new Uint8Array() },
        "first/bias",
      ),
    ).toEqual([5, 6]);
  });

  test("of one missing shard the length follows, and the rest is read", async () => {
    const three = [{ paths: ["a", "b", "c"], weights: [f32("x", 2), f32("y", 2), f32("z", 2)] }];
    const without = (...names: string[]) =>
      Object.fromEntries([
        ["m.json", model(three)],
        ...["a", "b", "c"]
          .map((n, i): [string, Uint8Array] => [n, data.slice(8 * i, 8 * i + 8)])
          .filter(([n]) => !names.includes(n)),
      ]);
    const one = await openBytes(without("b"));
    expect(one.info.notes).toEqual(["m.json: b is not among the files given."]);
    expect(one.info.tensors.map((t) => t.problem)).toEqual([
      undefined,
      'm.json: weight "y" is in or after the shard b, which is not among the files given.',
      undefined,
    ]);
    expect(await read(without("b"), "z")).toEqual([5, 6]);
    const two = await openBytes(without("b", "c"));
    expect(two.info.tensors.map((t) => t.problem === undefined)).toEqual([true, false, false]);
    expect(await refusal({ "m.json": model(three) })).toBe(
      "m.json describes weights that are in a, b, c. Open it together with them.",
    );
  });

  test("a group that names no shard has weights without bytes", async () => {
    const { info } = await openBytes({ "m.json": model([{ paths: [], weights: [f32("x", 2)] }]) });
    expect(info.tensors[0].problem).toBe(
      'm.json: weight "x" should take bytes 0 to 8 of its shards, but they end at byte 0. One was cut off.',
    );
  });

  test("shards elsewhere are not looked for", async () => {
    for (const path of ["../a.bin", "/a.bin", "https://example.org/a.bin", "a\\b.bin", "a/../../b.bin", ""]) {
      expect(await refusal({ "m.json": model([{ paths: [path], weights: [f32("x", 1)] }]), "a.bin": floats(1) })).toBe(
        `m.json names a file outside its own folder, ${JSON.stringify(path)}: it is not read.`,
      );
    }
  });

  test("a shard that is too short, too long, a weight that is there twice", async () => {
    const group = (...weights: Weight[]) => [{ paths: ["a"], weights }];
    const short = await openBytes({ "m.json": model(group(f32("x", 1), f32("y", 2))), a: floats(1, 2) });
    expect(short.info.tensors.map((t) => t.problem)).toEqual([
      undefined,
      'm.json: weight "y" should take bytes 4 to 12 of its shards, but they end at byte 8. One was cut off.',
    ]);
    const long = await openBytes({ "m.json": model(group(f32("x", 1))), a: floats(1, 2) });
    expect(long.info.notes).toEqual(["a: bytes 4 to 8 at the end belong to no weight."]);
    const twice = await openBytes({ "m.json": model(group(f32("x", 1), f32("x", 1))), a: floats(1, 2) });
    expect(twice.info.tensors.map((t) => t.problem)).toEqual(['m.json: weight "x" is in the manifest twice.']);
  });
});

describe("quantized weights", () => {
  const open = (weight: Weight, bytes: Uint8Array) =>
    openBytes({
      "m.json": model([{ paths: ["a"], weights: [weight, f32("after", 1)] }]),
      a: Uint8Array.from([...bytes, ...floats(7)]),
    });
  test.each<[string, Weight, Uint8Array, number[], string]>([
    [
      "uint8",
      { ...f32("x", 2), quantization: { dtype: "uint8", scale: 0.1, min: -1 } },
      Uint8Array.of(0, 255),
      [-1, Math.fround(255 * 0.1 - 1)],
      "uint8: code * 0.1 + -1; 8 bits",
    ],
    [
      "uint16",
      { ...f32("x", 1), quantization: { dtype: "uint16", scale: 0.001, min: 2 } },
      Uint8Array.of(0, 1),
      [Math.fround(256 * 0.001 + 2)],
      "uint16: code * 0.001 + 2; 16 bits",
    ],
    [
      "float16",
      { ...f32("x", 2), quantization: { dtype: "float16" } },
      Uint8Array.of(0, 0x3c, 0, 0xc0),
      [1, -2],
      "float16; 16 bits",
    ],
    [
      "int32 as uint8",
      { name: "x", shape: [1], dtype: "int32", quantization: { dtype: "uint8", scale: 0.5, min: 0 } },
      Uint8Array.of(7),
      [4],
      "uint8: code * 0.5 + 0; 8 bits",
    ],
  ])("%s", async (_, weight, bytes, values, told) => {
    const { tensor } = await open(weight, bytes);
    expect([...(await tensor("x").read(0, values.length))]).toEqual(values);
    expect(tensor("x").notes).toEqual([`Decoded from ${told} a weight as stored`]);
    expect([...(await tensor("after").read(0, 1))]).toEqual([7]);
  });
  test.each<[Weight, string, boolean]>([
    [
      { ...f32("x", 1), quantization: { dtype: "int4" } },
      "is quantized in a way that is not known: not uint8 or uint16 with scale and min, nor float16",
      true,
    ],
    [{ name: "x", shape: [1], dtype: "string" }, "holds texts, not numbers", false],
    [
      { name: "x", shape: [1], dtype: "complex64" },
      "holds complex numbers, which no number format here quantizes",
      true,
    ],
    [{ name: "x", shape: [1], dtype: "float8" }, 'has the unknown dtype "float8"', false],
    [f32("x", 2 ** 40, 2 ** 40), `has more elements than can be counted: shape [${2 ** 40}, ${2 ** 40}]`, false],
  ])("%j is refused alone", async (weight, problem, knownLength) => {
    const { info } = await open(weight, new Uint8Array(weight.dtype === "complex64" ? 8 : 4));
    expect(info.tensors[0].problem).toBe(`m.json: weight "x" ${problem}.`);
    if (!knownLength)
      expect(info.tensors[1].problem).toBe('m.json: weight "after" comes after one whose length is not known.');
  });
});

test.each<[string, string, string]>([
  ["broken JSON", '{"modelTopology": {', "m.json is not valid JSON: expected a string at character 19, found the end."],
  ["no manifest", '{"modelTopology": {}}', "m.json describes a model without weights: there is no weightsManifest."],
  [
    "another manifest",
    '{"weightsManifest": 3}',
    "m.json: weightsManifest is not a list. It is no weights manifest of TensorFlow.js, or is damaged.",
  ],
  [
    "no paths",
    '{"weightsManifest": [{}]}',
    "m.json: group 1 of the weights manifest has no list of paths. It is no weights manifest of TensorFlow.js, or is damaged.",
  ],
  [
    "a shape of text",
    '{"weightsManifest": [{"paths": [], "weights": [{"name": "x", "dtype": "float32", "shape": "2"}]}]}',
    "m.json: group 1 of the weights manifest, weight 1, has no shape of non-negative integers. It is no weights manifest of TensorFlow.js, or is damaged.",
  ],
  [
    "too deep",
    `{"modelTopology": ${"[".repeat(80)}`,
    "m.json is not valid JSON: nested deeper than 64 levels at character 82.",
  ],
])("%s is refused", async (_, json, sentence) => {
  expect(await refusal({ "m.json": utf8(json) })).toBe(sentence);
});

const folder = fileURLToPath(new URL("../../../node_modules/@upscalerjs/esrgan-slim/models/x4/", import.meta.url));

test("a real model: the values are those of its shard, in the manifest's order", async () => {
  const json = readFileSync(`${folder}model.json`);
  const shard = readFileSync(`${folder}group1-shard1of1.bin`);
  const { info, tensor } = await openBytes({
    "x/data": new Uint8Array(json),
    "x/group1-shard1of1.bin": new Uint8Array(shard),
  });
  expect(info).toMatchObject({ kind: "tfjs", notes: [] });
  let at = 0;
  const { weightsManifest } = JSON.parse(json.toString()) as { weightsManifest: { weights: Weight[] }[] };
  for (const { name, shape } of weightsManifest.flatMap(({ weights }) => weights)) {
    const count = shape.reduce((product, size) => product * size, 1);
    const values = await tensor(name).read(0, count);
    expect(Buffer.compare(Buffer.from(values.buffer), shard.subarray(at, at + 4 * count))).toBe(0);
    at += 4 * count;
  }
  expect(at).toBe(shard.length);
  expect(info.tensors.find((t) => t.shape.length === 4)?.view).toEqual({ split: 3, transpose: true });
});

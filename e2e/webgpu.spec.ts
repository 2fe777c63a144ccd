/** WebGPU, here on a software adapter: not taken by itself, and the reference's figures when it is asked for. */
import { readFile } from "node:fs/promises";
import type { Bench } from "./support/bench.ts";
import { expect, test } from "./support/test.ts";

const OPEN = "s=sample:esrgan-slim&t=F_0/kernel&a=nvfp4&b=int4/64:f16";

interface Line {
  backend: string;
  metrics: Record<string, number>;
}

async function lines(bench: Bench): Promise<Line[]> {
  const [file] = await bench.exported("Metrics as JSON");
  return JSON.parse(await readFile(await file.path(), "utf8")).results;
}

async function npy(bench: Bench, side: "A" | "B"): Promise<Buffer> {
  const [file] = await bench.exported(`Tensor dequantized by ${side} as npy`);
  return readFile(await file.path());
}

test("a software adapter is not chosen, and the page says so", async ({ bench }) => {
  await bench.open(`${OPEN}&n=2&v=1`);
  await expect(bench.page.getByText(/WebGPU here is a program on the processor .*swiftshader/i)).toBeVisible();
  expect((await lines(bench)).map((line) => line.backend)).not.toContain("webgpu");
});

test("asked for, it gives the reference's values and counts", async ({ bench, fresh }) => {
  test.slow();
  // Compiling its shaders for the processor takes both cores half a minute where nothing else needs them.
  await bench.open(`${OPEN}&on=webgpu&n=2&v=1`, 150_000);
  const reference = await (await fresh()).open(`${OPEN}&on=reference&n=2&v=1`);
  const [gpu, cpu] = [await lines(bench), await lines(reference)];
  expect(gpu.map((line) => line.backend)).toEqual(["webgpu", "webgpu"]);
  expect(cpu.map((line) => line.backend)).toEqual(["reference", "reference"]);
  const counts = ["saturated", "flushed", "dead", "nonFinite", "codeEntropy", "bitsPerWeight", "maxAbs"];
  for (const i of [0, 1]) {
    for (const key of counts) expect(gpu[i].metrics[key], key).toBe(cpu[i].metrics[key]);
    expect(Math.abs(gpu[i].metrics.nmse / cpu[i].metrics.nmse - 1)).toBeLessThan(1e-6);
    const side = i === 0 ? "A" : "B";
    expect((await npy(bench, side)).equals(await npy(reference, side)), `values of ${side}`).toBe(true);
  }
});

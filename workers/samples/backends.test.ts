/** The bundled samples through every backend in Node: the codes, scales and counts of the reference, to the bit. */
import { existsSync } from "node:fs";
import { beforeAll, describe, expect, it } from "vitest";
import type { Backend } from "../../kernels/backends/backend.ts";
import { createWasmBackend } from "../../kernels/backends/wasm/index.ts";
import { createWebgpuBackend } from "../../kernels/backends/webgpu/backend.ts";
import { dawnDevice } from "../../kernels/testing/dawn.ts";
import { compareRun } from "../../kernels/testing/runs.ts";
import { openPath } from "../sources/node.ts";
import { TensorCache } from "../tensors/cache.ts";

const folder = new URL("../../public/samples/", import.meta.url).pathname;
const samples = ["ocr-recogniser", "esrgan-slim"].map((id) => `${folder}${id}.safetensors`);
const built = samples.every((path) => existsSync(path));

const recipes = ["nvfp4", "int4/64:f16"];
/** SwiftShader needs seconds for a million values: it gets a few tensors, and none of the largest. */
const MOST_ON_SWIFTSHADER = 20_000;
const TENSORS_ON_SWIFTSHADER = 8;

describe.skipIf(!built)(`the bundled samples${built ? "" : " (skipped: run `npm run samples` first)"}`, () => {
  let webgpu: Backend;
  let wasm: Backend;
  beforeAll(async () => {
    wasm = await createWasmBackend();
    webgpu = await createWebgpuBackend(await dawnDevice());
  });

  it.each(samples)("%s give the same on the reference, wasm and webgpu", { timeout: 240_000 }, async (path) => {
    const source = await openPath(path, { cache: new TensorCache() });
    let compared = 0;
    for (const tensor of source.info.tensors) {
      const small = tensor.elements <= MOST_ON_SWIFTSHADER && tensor.elements >= 1000;
      const onGpu = small && compared < TENSORS_ON_SWIFTSHADER;
      const backends = onGpu ? [wasm, webgpu] : [wasm];
      const { rows, cols, read } = source.matrix(tensor.name);
      const values = await read(0, rows);
      for (const recipe of recipes) {
        for (const backend of backends) {
          const verdict = await compareRun(backend, recipe, { rows, cols, values });
          expect(verdict, tensor.name).toMatchObject({ refused: null, difference: null });
        }
      }
      if (onGpu) compared++;
    }
    source.close();
    expect(compared).toBeGreaterThan(3);
  });
});

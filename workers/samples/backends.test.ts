/** The bundled samples through every backend in Node: the codes, scales and counts of the reference, to the bit. */
import { existsSync } from "node:fs";
import { beforeAll, describe, expect, it } from "vitest";
import type { Backend } from "../../kernels/backend.ts";
import { prepareRecipe, quantizeMatrix, referenceBackend } from "../../kernels/index.ts";
import { parseRecipe } from "../../kernels/notation/index.ts";
import { dawnDevice } from "../../kernels/testing/dawn.ts";
import { createWasmBackend } from "../../kernels/wasm/index.ts";
import { createWebgpuBackend } from "../../kernels/webgpu/backend.ts";
import { openPath } from "../sources/node.ts";
import type { OpenSource } from "../sources/open.ts";
import { TensorCache } from "../tensors/cache.ts";

const folder = new URL("../../public/samples/", import.meta.url).pathname;
const samples = ["ocr-recogniser", "esrgan-slim"].map((id) => `${folder}${id}.safetensors`);
const built = samples.every((path) => existsSync(path));

const recipes = ["nvfp4", "int4/64:f16"];
/** SwiftShader needs seconds for a million values: it gets a few tensors, and none of the largest. */
const MOST_ON_SWIFTSHADER = 20_000;
const TENSORS_ON_SWIFTSHADER = 8;

/** NaN and -0 count too: the bits are compared. */
const bits = (x: Float32Array) => new Uint32Array(x.buffer, x.byteOffset, x.length);

async function quantized(source: OpenSource, tensor: string, recipe: string, backend: Backend) {
  const matrix = source.matrix(tensor);
  const plan = prepareRecipe(parseRecipe(recipe), [], matrix.rows, matrix.cols);
  const q = await quantizeMatrix(matrix, plan, { backend, checkpoint: async () => {}, now: () => 0 });
  const { codes, result } = await q.rows(0, matrix.rows);
  const { metrics, values, errors } = q.report;
  const { saturated, flushed, dead, nonFinite, maxAbs, codeEntropy } = metrics;
  return {
    codes,
    result: bits(result),
    scales: q.scales.map((level) => bits(level.values)),
    counts: { saturated, flushed, dead, nonFinite, maxAbs, codeEntropy },
    histograms: [values.counts, errors.counts, q.report.codes?.counts],
    mse: metrics.mse,
  };
}

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
      for (const recipe of recipes) {
        const expected = await quantized(source, tensor.name, recipe, referenceBackend);
        for (const backend of backends) {
          const got = await quantized(source, tensor.name, recipe, backend);
          expect({ ...got, mse: 0 }, `${tensor.name}, ${recipe}, ${backend.name}`).toEqual({ ...expected, mse: 0 });
          expect(Math.abs(got.mse - expected.mse)).toBeLessThanOrEqual(1e-6 * expected.mse);
        }
      }
      if (onGpu) compared++;
    }
    source.close();
    expect(compared).toBeGreaterThan(3);
  });
});

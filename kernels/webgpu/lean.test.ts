import { beforeAll, describe, expect, it } from "vitest";
import type { Backend } from "../backend.ts";
import { quantizeMatrix } from "../engine/quantize.ts";
import type { MatrixSource } from "../engine.ts";
import { parseRecipe } from "../notation/index.ts";
import { prepareRecipe } from "../plan/prepare.ts";
import { referenceBackend } from "../reference/backend.ts";
import type { Report } from "../report.ts";
import { dawnDevice } from "../testing/dawn.ts";
import { createWebgpuBackend } from "./backend.ts";
import { nearTies, plainValues, specialValues } from "./hostile-values.ts";

let device: GPUDevice;
let backend: Backend;
beforeAll(async () => {
  device = await dawnDevice();
  backend = await createWebgpuBackend(device);
}, 120_000);

function sourceOf(values: Float32Array, rows: number, cols: number): MatrixSource {
  return {
    name: "t",
    shape: [rows, cols],
    view: { split: 1, transpose: false },
    rows,
    cols,
    read: async (from, to) => values.slice(from * cols, to * cols),
    notes: [],
  };
}

async function quantized(recipe: string, source: MatrixSource, by: Backend, tileElements?: number) {
  const plan = prepareRecipe(parseRecipe(recipe), [], source.rows, source.cols);
  const options = { backend: by, checkpoint: async () => {}, now: () => 0, scalesLater: true, tileElements };
  return quantizeMatrix(source, plan, options);
}

/** What is decided and counted; sums are compared elsewhere. */
function decided({ scales, codes, values, errors, rowProfile, colProfile, blockProfile, metrics, grid }: Report) {
  const { saturated, flushed, dead, nonFinite, maxAbs, codeEntropy } = metrics;
  const maxima = [rowProfile, colProfile, blockProfile].map((p) => p?.maxAbs);
  const counts = { saturated, flushed, dead, nonFinite, maxAbs, codeEntropy };
  return { scales, codes: codes?.counts, values, errors, maxima, counts, grid };
}

async function expectSame(to: Backend, recipe: string, rows: number, cols: number, tileElements?: number) {
  for (const make of [plainValues, specialValues]) {
    const source = sourceOf(nearTies(recipe, make(rows * cols), rows, cols), rows, cols);
    const [expected, got] = [
      await quantized(recipe, source, referenceBackend),
      await quantized(recipe, source, to, tileElements),
    ];
    expect(got.complete).toBeDefined();
    expect(decided(got.report)).toEqual(decided(expected.report));
    expect(got.report.metrics.mse / expected.report.metrics.mse).toBeCloseTo(1, 6);
    expect(await got.rows(1, 3)).toEqual(await expected.rows(1, 3));
    expect(await got.inspect(2, 17)).toEqual(await expected.inspect(2, 17));
    expect((await got.complete!()).scales).toEqual(expected.scales);
  }
}

describe("a report in one pass is that of the reference", () => {
  it.each([
    ...["nvfp4", "mxfp4", "int4/128:f16", "e4m3/row", "nf4/64", "int8/row", "e4m3", "int8(frac=4)"],
    ...["int4/32", "int4(half)/32:bf16", "mxfp6~mx(even)", "mxfp4~mx(ceil)", "e2m1/32:e8m0@up", "int4/tensor"],
    ...["ue4m3/64", "e2m1/16:ue5m3", "int4/32:e4m3/tensor:bf16"],
  ])("%s", async (recipe) => {
    await expectSame(backend, recipe, 37, 512);
  });

  it("in tiles too", async () => {
    for (const recipe of ["nvfp4", "int4/128:f16", "e4m3/row"]) await expectSame(backend, recipe, 70, 384, 11 * 384);
  });
});

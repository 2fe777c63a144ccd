/** Results that somebody else made, measured by every backend: counts, histograms and maxima to the bit, sums to a millionth. */
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import type { Backend } from "../backends/backend.ts";
import { referenceBackend } from "../backends/reference/backend.ts";
import { createWasmBackend } from "../backends/wasm/index.ts";
import { createWebgpuBackend } from "../backends/webgpu/backend.ts";
import { floatFromBits } from "../exact/bits.ts";
import { largest } from "../exact/largest.ts";
import { makeAccumulator } from "../measure/accumulator.ts";
import { buildReport } from "../measure/build.ts";
import { valueRangeExponent } from "../report/bins.ts";
import { dawnDevice } from "./dawn.ts";
import { matrixOf, planOf } from "./matrix.ts";
import { reportDifference, type TestMatrix } from "./runs.ts";

const RECIPES = ["f32", "int4/32", "int4/row", "e4m3/7x5", "nf4/flat(33)", "int8/col", "q8_0"];

async function reportBy(backend: Backend, recipe: string, { rows, cols, values }: TestMatrix, result: Float32Array) {
  const plan = planOf(recipe, rows, cols);
  const into = makeAccumulator(plan, valueRangeExponent(largest(values, 0)));
  // In two tiles, the second of which begins in the middle of blocks.
  const cut = Math.ceil(rows / 2);
  for (const [row0, end] of [
    [0, cut],
    [cut, rows],
  ]) {
    if (row0 === end) continue;
    const part = (x: Float32Array) => x.subarray(row0 * cols, end * cols);
    const tile = { row0, rows: end - row0, cols, original: part(values), input: part(values) };
    await backend.measureResult(plan, tile, part(result), into);
  }
  const scales = { dead: 0, levels: [] } as unknown as Parameters<typeof buildReport>[2];
  return buildReport(matrixOf(values, rows, cols), { ...plan, levels: [] }, scales, 0, into, backend.name, 0);
}

const bits = fc.oneof(
  { weight: 6, arbitrary: fc.float({ noNaN: true, min: -8, max: 8 }) },
  fc.integer({ min: 0, max: 2 ** 32 - 1 }).map(floatFromBits),
  fc.constantFrom(0, -0, Number.NaN, Infinity, -Infinity, 2 ** -149, 3e38, -1e-40, 1e-21),
);
const pairs = fc
  .record({ rows: fc.integer({ min: 1, max: 5 }), groups: fc.integer({ min: 1, max: 3 }) })
  .chain(({ rows, groups }) => {
    const cols = 32 * groups;
    const list = fc.array(bits, { minLength: rows * cols, maxLength: rows * cols }).map((x) => Float32Array.from(x));
    return fc.record({ rows: fc.constant(rows), cols: fc.constant(cols), values: list, result: list });
  });

describe("results of others are measured alike", () => {
  const agree = (backend: () => Backend, numRuns: number) =>
    fc.assert(
      fc.asyncProperty(pairs, fc.constantFrom(...RECIPES), fc.boolean(), async (matrix, recipe, near) => {
        // Near the values as results mostly are, or anything at all.
        const result = near ? matrix.values.map((x, i) => x * (1 + (i % 7) / 64)) : matrix.result;
        const [got, wanted] = [
          await reportBy(backend(), recipe, matrix, result),
          await reportBy(referenceBackend, recipe, matrix, result),
        ];
        expect(reportDifference(got, wanted)).toBeNull();
      }),
      { numRuns },
    );

  let wasm: Backend;
  let webgpu: Backend;
  beforeAll(async () => {
    wasm = await createWasmBackend();
    webgpu = await createWebgpuBackend(await dawnDevice());
  }, 120_000);

  it("by wasm", () => agree(() => wasm, 200), 120_000);
  it("by WebGPU", () => agree(() => webgpu, 25), 300_000);
});

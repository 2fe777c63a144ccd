/**
 * The same numbers everywhere: whole runs on wasm and on WebGPU (SwiftShader, in Node) against the reference, over real
 * checkpoints, golden inputs and any bits. `EQUALITY=all npx vitest run kernels/backends/reference/equality` runs every recipe over
 * every tensor; without it each tensor gets a few recipes in turn, and the shaders, slow in software, small tensors alone.
 * `kernels/bench/webgpu-equality.ts` runs everything on a real GPU.
 */
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { dawnDevice } from "../../testing/dawn.ts";
import {
  anyRun,
  CASTS,
  everyBf16,
  misfit,
  PACKED,
  packedValues,
  RECIPES,
  uglyMatrices,
} from "../../testing/equality-cases.ts";
import { compareRun, type TestMatrix } from "../../testing/runs.ts";
import { readSafetensors } from "../../testing/safetensors.ts";
import { sharedFile } from "../../testing/shared.ts";
import type { Backend } from "../backend.ts";
import { createWasmBackend } from "../wasm/index.ts";
import { createWebgpuBackend } from "../webgpu/backend.ts";

const everything = process.env.EQUALITY === "all";

/** Recipes for the matrix at this place of a list, so that a list sees all of them. */
const inTurn = (place: number, count: number): readonly string[] =>
  everything ? RECIPES : Array.from({ length: count }, (_, k) => RECIPES[(place * count + k) % RECIPES.length]);

let wasm: Backend;
let webgpu: Backend | null = null;
let whyNot = "";
beforeAll(async () => {
  wasm = await createWasmBackend();
  try {
    webgpu = await createWebgpuBackend(await dawnDevice());
  } catch (error) {
    whyNot = (error as Error).message;
    console.warn(`no WebGPU in Node, so the shaders are not compared: ${whyNot}`);
  }
}, 120_000);

/** How many comparisons a backend was given, and how many it refused. */
const tally = { compared: 0, refused: 0 };

async function expectEqual(backend: Backend, recipe: string, matrix: TestMatrix, tileElements?: number) {
  if (misfit(recipe, matrix)) return;
  const verdict = await compareRun(backend, recipe, matrix, { tileElements });
  if (verdict.refused !== null) tally.refused++;
  else {
    tally.compared++;
    expect(verdict.difference).toBeNull();
  }
}

/** The shaders take seconds for large tensors in software. */
const forShaders = ({ values }: TestMatrix) => everything || values.length <= 4096;

const FILES = ["stories260K.f32", "stories260K.bf16", "silero_vad_16k"].map((name) => ({
  name,
  path: sharedFile(`data/${name}.safetensors`),
}));

/** Each recipe costs the shaders a compilation: a few of unlike kinds. */
const forShader = (place: number): readonly string[] =>
  everything ? RECIPES : [RECIPES[(7 * place + 3) % RECIPES.length]];

for (const [file, { name, path }] of FILES.entries()) {
  describe.skipIf(!path)(`${name}${path ? "" : " (skipped: its file is not beside the repository)"}`, () => {
    const tensors = path ? readSafetensors(path) : [];
    it("is the same on wasm", { timeout: 3_600_000 }, async () => {
      for (const [i, tensor] of tensors.entries()) {
        for (const recipe of inTurn(i, 4)) await expectEqual(wasm, recipe, tensor, 10_000);
      }
      expect(tally.compared).toBeGreaterThan(0);
    });

    it("is the same on the GPU", { timeout: 7_200_000 }, async ({ skip }) => {
      if (!webgpu) return skip(`no WebGPU here: ${whyNot}`);
      const some = tensors.filter(forShaders).slice(0, everything ? undefined : 2);
      for (const [i, tensor] of some.entries()) {
        for (const recipe of forShader(2 * file + i)) await expectEqual(webgpu, recipe, tensor);
      }
      expect(some.length).toBeGreaterThan(0);
    });
  });
}

describe("golden inputs", () => {
  it("give the same on wasm", { timeout: 600_000 }, async () => {
    for (const recipe of CASTS) await expectEqual(wasm, recipe, everyBf16);
    for (const recipe of PACKED) await expectEqual(wasm, recipe, packedValues);
  });

  it("give the same on the GPU", { timeout: 1_200_000 }, async ({ skip }) => {
    if (!webgpu) return skip(`no WebGPU here: ${whyNot}`);
    const some = (list: readonly string[], every: number) => list.filter((_, i) => everything || i % every === 0);
    for (const recipe of some(CASTS, 12)) await expectEqual(webgpu, recipe, everyBf16);
    for (const recipe of some(PACKED, 12)) await expectEqual(webgpu, recipe, packedValues);
  });
});

describe("ugly matrices", () => {
  it.each(uglyMatrices)("%s", { timeout: 1_200_000 }, async (_, matrix) => {
    for (const recipe of RECIPES) await expectEqual(wasm, recipe, matrix);
    const few = everything ? RECIPES : ["int4/32", "nvfp4"];
    if (webgpu) for (const recipe of few) await expectEqual(webgpu, recipe, matrix);
  });
});

describe("any recipe over any bits", () => {
  const agrees = (backend: Backend, numRuns: number) =>
    fc.assert(
      fc.asyncProperty(anyRun, ({ recipe, matrix }) => expectEqual(backend, recipe, matrix)),
      { numRuns: everything ? 20 * numRuns : numRuns },
    );

  it("on wasm", { timeout: 3_600_000 }, () => agrees(wasm, 150));

  it("on the GPU", { timeout: 3_600_000 }, async ({ skip }) => {
    if (!webgpu) return skip(`no WebGPU here: ${whyNot}`);
    await agrees(webgpu, 4);
  });
});

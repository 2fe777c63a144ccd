import { beforeAll, describe, expect, it } from "vitest";
import type { Backend } from "../../backends/backend.ts";
import { applyTransforms } from "../../backends/transforms.ts";
import { createWasmBackend } from "../../backends/wasm/index.ts";
import { createWebgpuBackend } from "../../backends/webgpu/backend.ts";
import { dawnDevice } from "../../testing/dawn.ts";
import { normalValues, planOf } from "../../testing/matrix.ts";
import { compareRun } from "../../testing/runs.ts";
import { cosineOf, dctMatrix } from "./cosine.ts";

describe("the cosine transform", () => {
  it("has cosines of its own, as near as an engine's", () => {
    for (const n of [2, 3, 7, 64, 1000]) {
      for (let m = -5; m < 4 * n + 5; m++)
        expect(Math.abs(cosineOf(m, n) - Math.cos((Math.PI * m) / (2 * n)))).toBeLessThan(1e-14);
    }
  });

  it.each([2, 3, 8, 12, 100])("of order %i is orthonormal", (n) => {
    const c = dctMatrix(n);
    for (let a = 0; a < n; a++) {
      for (let b = 0; b < n; b++) {
        let dot = 0;
        for (let j = 0; j < n; j++) dot += c[a * n + j] * c[b * n + j];
        expect(Math.abs(dot - (a === b ? 1 : 0))).toBeLessThan(1e-13);
      }
    }
  });

  it("gathers what is smooth in few values", () => {
    const [rows, cols] = [16, 64];
    const smooth = Float32Array.from({ length: rows * cols }, (_, i) =>
      Math.sin(((i % cols) + 9 * Math.floor(i / cols)) / 11),
    );
    const turned = applyTransforms(planOf("dct(64)+f32", rows, cols), smooth, rows);
    const energy = (x: Float32Array) => x.reduce((sum, v) => sum + v * v, 0);
    const first = turned.filter((_, i) => i % cols < 8);
    expect(energy(turned) / energy(smooth)).toBeCloseTo(1, 5);
    expect(energy(first) / energy(turned)).toBeGreaterThan(0.98);
  });

  it("names a block that divides the row", () => {
    expect(() => planOf("dct(48)+int4/16", 2, 64)).toThrow("dct(48) does not divide the rows of 64 elements; 64 does");
  });
});

describe("backends that do not know it leave it to the processor, and agree", () => {
  let backends: Backend[];
  beforeAll(async () => {
    const webgpu = await createWebgpuBackend(await dawnDevice());
    await webgpu.admitRotations();
    backends = [await createWasmBackend(), webgpu];
  }, 120_000);

  it.each(["dct(16)+int4/32", "dct(8)+nvfp4", "rht(16,seed=1)+dct(4)+e4m3/row"])(
    "%s",
    async (recipe) => {
      const matrix = { rows: 5, cols: 64, values: normalValues(5 * 64, 3) };
      for (const backend of backends) {
        expect(backend.rotates?.(planOf(recipe, 5, 64)) ?? false).toBe(false);
        expect(await compareRun(backend, recipe, matrix)).toMatchObject({ refused: null, difference: null });
      }
    },
    120_000,
  );
});

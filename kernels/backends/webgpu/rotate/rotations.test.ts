import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { elements, fromBits, shapes } from "../../../testing/cases.ts";
import { dawnDevice } from "../../../testing/dawn.ts";
import { planOf } from "../../../testing/matrix.ts";
import { compareRun } from "../../../testing/runs.ts";
import { differenceFromReference } from "../../compare.ts";
import { hugeValues, plainValues, specialValues, subnormalValues } from "../../hostile-values.ts";
import { createWebgpuBackend, type WebgpuBackend } from "../backend.ts";
import { type Shaders, shaders } from "../wgsl/kernels.ts";
import { rotateFloatsWgsl } from "../wgsl/rotate.ts";

let device: GPUDevice;
let backend: WebgpuBackend;
beforeAll(async () => {
  device = await dawnDevice();
  // Lean kernels rotate on their way: see `lean-turned.test.ts`.
  backend = await createWebgpuBackend(device, { lean: false });
  expect(await backend.admitRotations()).toEqual({ ok: true, cases: 260640 });
}, 120_000);

const expectSame = async (recipe: string, values: Float32Array, rows: number, cols: number) => {
  expect(backend.rotates!(planOf(recipe, rows, cols))).toBe(true);
  expect(await differenceFromReference(backend, { recipe, values, rows, cols })).toBeNull();
};

describe("a GPU that was admitted rotates as the processor does", () => {
  it.each([
    ["ht(2)+int4/32", 5, 64],
    ["rht(128,seed=1)+nvfp4", 9, 256],
    ["rht(128,seed=1)+int4(asym)/128:f16", 9, 256],
    ["ht(12)+mxfp4", 7, 96],
    ["rht(20,seed=7)+int4@sr(seed=1)/20:f16", 20, 100],
    ["ht(320)+e4m3/row", 3, 640],
    ["rht(64,seed=3)+rht(48,seed=3)+nf4/64", 4, 192],
    ["ht(8)+e5m2(sat=inf)", 4, 64],
    ["rht(16,seed=2)+f32", 6, 48],
    ["rht(32,seed=2)+int4/32~mse(grid=10)", 6, 96],
    ["rht(8192,seed=2)+int4/128:f16", 2, 16384],
    ["ht(6144)+e2m1/tensor", 2, 12288],
    ["rht(20480,seed=9)+int8/row", 1, 20480],
  ])("%s on %ix%i", async (recipe, rows, cols) => {
    for (const make of [plainValues, specialValues]) await expectSame(recipe, make(rows * cols), rows, cols);
    if (rows * cols > 5000) return;
    for (const make of [subnormalValues, hugeValues]) await expectSame(recipe, make(rows * cols), rows, cols);
    await expectSame(recipe, new Float32Array(rows * cols), rows, cols);
  });

  it("through the whole engine, in tiles that stay on the device", async () => {
    const matrix = { rows: 33, cols: 256, values: specialValues(33 * 256) };
    for (const recipe of ["rht(128,seed=1)+nvfp4", "rht(128,seed=1)+int4/64:f16", "ht(64)+rht(32,seed=4)+mxfp4"]) {
      for (const tileElements of [undefined, 7 * 256]) {
        const verdict = await compareRun(backend, recipe, matrix, { tileElements });
        expect(verdict).toMatchObject({ refused: null, difference: null });
      }
    }
  });

  const steps = fc.constantFrom(
    ...["ht(2)", "rht(4,seed=1)", "ht(8)", "rht(16,seed=2)", "ht(12)", "rht(24,seed=3)", "rht(48,seed=4)"],
  );
  const values = fc.oneof(
    { weight: 12, arbitrary: fc.integer({ min: -(2 ** 24), max: 2 ** 24 }).map((m) => Math.fround(m * 2 ** -24)) },
    { weight: 3, arbitrary: fc.constantFrom(0, -0) },
    { weight: 1, arbitrary: fc.constantFrom(Number.NaN, Infinity, -Infinity, 2 ** -149, 2 ** -126, 3e38, 2 ** -90) },
    { weight: 1, arbitrary: fc.integer({ min: 0, max: 2 ** 32 - 1 }).map(fromBits) },
  );

  it("on random recipes and matrices", async () => {
    const rows = fc.integer({ min: 1, max: 4 });
    const matrix = rows.chain((n) => fc.array(values, { minLength: n * 48, maxLength: n * 48 }));
    const recipes = fc
      .tuple(fc.array(steps, { minLength: 1, maxLength: 2 }), elements, shapes)
      .map(([rotations, element, shape]) => [...rotations, element.text + shape.text].join("+"));
    const property = fc.asyncProperty(recipes, matrix, async (recipe, list) => {
      const plan = planOf(recipe, list.length / 48, 48);
      fc.pre(backend.refuses(plan) === null);
      await expectSame(recipe, Float32Array.from(list), list.length / 48, 48);
    });
    await fc.assert(property, { numRuns: 80 });
  });
});

/** The texts of rotations with something else in place of a part of them. */
function replaced(what: string, by: string): Shaders {
  const { rotateApart, rotateInPlace } = shaders;
  expect(rotateApart + rotateInPlace).toContain(what);
  const worse = (text: string) => text.replaceAll(what, by);
  return { ...shaders, rotateApart: worse(rotateApart), rotateInPlace: worse(rotateInPlace) };
}

const beside = (value: string, step: string) =>
  `let r = ${value}; return bitcast<f32>(bitcast<u32>(r) ${step} select(0u, 1u, r != 0.0));`;

const flushed = (value: string, below: string) =>
  `let r = ${value}; return select(r, bitcast<f32>(bitcast<u32>(r) & SIGN), abs(r) < ${below});`;

it("a GPU may flush subnormals, and rotates all the same", async () => {
  const made = await createWebgpuBackend(device, {
    shaders: replaced("return a + b;", flushed("a + b", "0x1p-126")),
    lean: false,
  });
  expect((await made.admitRotations()).ok).toBe(true);
  const values = subnormalValues(2 * 96);
  expect(await differenceFromReference(made, { recipe: "rht(24,seed=1)+f32", values, rows: 2, cols: 96 })).toBeNull();
});

describe("a GPU is not admitted to rotations that", () => {
  it.each([
    ["adds to the neighbour above", "return a + b;", beside("a + b", "+")],
    [
      "multiplies before it adds",
      rotateFloatsWgsl,
      rotateFloatsWgsl.replace("return a + b;", "return fma(a, 1.0000001, b);"),
    ],
    ["loses the sign of zero", "return a * b;", "return select(a * b, 0.0, a == 0.0);"],
    ["does not tell of magnitudes too large for it", "> turn.most", "> 0x7fffffffu"],
    ["flushes sums that it was trusted with", "return a + b;", flushed("a + b", "0x1p-90")],
  ])("%s: the processor rotates, and the rest stays on the GPU", async (_, what, by) => {
    const made = await createWebgpuBackend(device, { shaders: replaced(what, by), lean: false });
    const check = await made.admitRotations();
    expect(check.ok).toBe(false);
    expect(check.first).toMatch(/^r?ht\(.+\)\+f32 on 1x\d+: (element \d+ rotated|.* unnoticed|ordinary)/);
    const recipe = "rht(24,seed=1)+int4/24:f16";
    const [rows, cols] = [4, 48];
    expect(made.rotates!(planOf(recipe, rows, cols))).toBe(false);
    const values = specialValues(rows * cols);
    expect(await differenceFromReference(made, { recipe, values, rows, cols })).toBeNull();
  });
});

import { beforeAll, describe, expect, it } from "vitest";
import { dawnDevice } from "../../../testing/dawn.ts";
import { planOf } from "../../../testing/matrix.ts";
import { compareRun, type TestMatrix } from "../../../testing/runs.ts";
import { plainValues, specialValues } from "../../hostile-values.ts";
import { createWebgpuBackend, type WebgpuBackend } from "../backend.ts";
import { turnedOf } from "./lean.ts";

let device: GPUDevice;
let backend: WebgpuBackend;
beforeAll(async () => {
  device = await dawnDevice();
  backend = await createWebgpuBackend(device);
  expect((await backend.admitRotations()).ok).toBe(true);
}, 120_000);

/** NaN, Inf, zeros of both signs and values too small for the filters, far apart enough that whole blocks are without. */
const oddValues = (count: number) =>
  plainValues(count).map((x, i) => (i % 97 === 40 ? [Number.NaN, -Infinity, 2 ** -60, -0, 0][i % 5] : x));
/** Few values, exact in every way: rotated ones then often lie on middles. */
const evenValues = (count: number) => plainValues(count).map((x) => Math.round(2 * x) / 4);

it.each([
  ["rht(128,seed=1)+int4/128", 128],
  ["ht(8)+int4/128", 8],
  ["ht(4)+int4/128", 0],
  ["ht(512)+int4/128", 0],
  ["ht(96)+int4/96", 0],
  ["ht(8)+ht(16)+int4/128", 0],
  ["int4/128", 0],
])("%s has blocks of %i rotated on the way", (recipe, block) => {
  expect(turnedOf(planOf(recipe, 2, recipe.includes("96") ? 192 : 512))).toBe(block);
});

describe("a report in one pass over rotated values is that of the reference", () => {
  it.each([
    // What shares a kernel with another is cheap: compiling takes most of the time.
    ["rht(16,seed=1)+nvfp4", 37, 512],
    ["rht(8,seed=4)+nf4/row", 18, 208],
  ])("%s on %ix%i", async (recipe, rows, cols) => {
    for (const make of [plainValues, oddValues, evenValues]) {
      const matrix = { rows, cols, values: make(rows * cols) };
      const verdict = await compareRun(backend, recipe, matrix, { scalesLater: true, tileElements: 7 * cols });
      expect(verdict).toEqual({ refused: null, atOnce: true, difference: null });
    }
  });

  it("or is made otherwise where values are too small to be rotated by floats", async () => {
    const matrix = { rows: 37, cols: 512, values: specialValues(37 * 512) };
    const verdict = await compareRun(backend, "rht(16,seed=1)+nvfp4", matrix, { scalesLater: true });
    expect(verdict).toEqual({ refused: null, atOnce: false, difference: null });
  });
});

describe("results of other rotations and formats are measured in a pass of their own", () => {
  it.each([
    ["ht(96)+int4(asym)/32:f16", 20, 480],
    ["rht(512,seed=4)+e4m3/row", 9, 1024],
    ["ht(8)+rht(16,seed=4)+int4@sr(seed=3)/64", 20, 256],
  ])("%s on %ix%i", async (recipe, rows, cols) => {
    for (const make of [plainValues, specialValues]) {
      const verdict = await compareRun(
        backend,
        recipe,
        { rows, cols, values: make(rows * cols) },
        { scalesLater: true },
      );
      expect(verdict).toEqual({ refused: null, atOnce: false, difference: null });
    }
  });
});

describe("what the filters leave open is decided on integers", () => {
  // Much more is open so than has to be, and differences that are subnormal are lost.
  const timid = (text: string) =>
    text
      .replace(
        "fn turn_difference(a: f32, b: f32) -> f32 { return a - b; }",
        "fn turn_difference(a: f32, b: f32) -> f32 { let r = a - b; return select(r, 0.0, abs(r) < 0x1p-126); }",
      )
      .replace("const NEAR = 0x1p-20f;", "const NEAR = 0x1p-5f;")
      .replace("let surely = vec4<f32>(lean.surely_above);", "let surely = vec4<f32>(lean.surely_above * 1.1);");
  const even = { rows: 16, cols: 256, values: evenValues(16 * 256) };
  const verdict = async (
    rewrite: (text: string) => string,
    recipe = "rht(64,seed=6)+int4/32:f16",
    matrix: TestMatrix = even,
  ) => {
    const made = await createWebgpuBackend(device, { rewrite });
    await made.admitRotations();
    return compareRun(made, recipe, matrix, { scalesLater: true });
  };

  it("as the reference decides it", async () => {
    expect(await verdict(timid)).toEqual({ refused: null, atOnce: true, difference: null });
  });

  it("as are subnormal results of zeros, which a GPU may flush", async () => {
    // Blocks of 24: two of ordinary values, one that ends with zeros, one of zeros.
    const values = plainValues(8 * 96).map((x, i) => (i % 96 < 48 ? x : i % 96 < 56 ? (i % 7) * 2 ** -126 : 0));
    const matrix = { rows: 8, cols: 96, values };
    expect(await verdict(timid, "ht(24)+int8/24", matrix)).toEqual({ refused: null, atOnce: false, difference: null });
  });

  it("and a GPU that takes the farther level is left to other kernels", async () => {
    const wrong = (text: string) => timid(text).replace("(side > 0) == above", "(side > 0) != above");
    expect(await verdict(wrong)).toEqual({ refused: null, atOnce: false, difference: null });
  });
});

it("a GPU that adds otherwise in the kernels that rotate on their way is left to other kernels", async () => {
  const beside = (text: string) =>
    text.replace(
      "fn turn_sum(a: f32, b: f32) -> f32 { return a + b; }",
      "fn turn_sum(a: f32, b: f32) -> f32 { let r = a + b; return bitcast<f32>(bitcast<u32>(r) + select(0u, 1u, r != 0.0)); }",
    );
  const made = await createWebgpuBackend(device, { rewrite: beside });
  expect((await made.admitRotations()).ok).toBe(true);
  const matrix = { rows: 4, cols: 64, values: plainValues(4 * 64) };
  const verdict = await compareRun(made, "rht(64,seed=6)+int4/32:f16", matrix, { scalesLater: true });
  expect(verdict).toEqual({ refused: null, atOnce: false, difference: null });
});

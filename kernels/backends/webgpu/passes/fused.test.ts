import { beforeAll, describe, expect, it } from "vitest";
import { makeAccumulator } from "../../../measure/accumulator.ts";
import { resolveScales } from "../../../scales/resolve.ts";
import { makeStatistics } from "../../../scales/statistics.ts";
import { dawnDevice } from "../../../testing/dawn.ts";
import { planOf } from "../../../testing/matrix.ts";
import type { Backend } from "../../backend.ts";
import { differenceFromReference } from "../../compare.ts";
import { hugeValues, nearTies, plainValues, specialValues, subnormalValues } from "../../hostile-values.ts";
import { createWebgpuBackend } from "../backend.ts";
import { shaders } from "../wgsl/kernels.ts";
import { sumsWgsl } from "../wgsl/sums.ts";
import { segmentOf } from "./fused.ts";

let device: GPUDevice;
let backend: Backend;
beforeAll(async () => {
  device = await dawnDevice();
  backend = await createWebgpuBackend(device, { lean: false });
}, 120_000);

const [ROWS, COLS] = [19, 320];
const makers = [plainValues, specialValues, subnormalValues, hugeValues];

interface Manner {
  tileRows?: number;
  tolerance?: number;
}

async function expectSame(to: Backend, recipe: string, rows = ROWS, cols = COLS, manner: Manner = {}) {
  for (const make of makers) {
    const values = nearTies(recipe, make(rows * cols), rows, cols);
    expect(await differenceFromReference(to, { recipe, values, rows, cols, ...manner })).toBeNull();
  }
}

describe("segments", () => {
  it.each([
    ["int4/32", 64, 32],
    ["int4/48", 96, 16],
    ["int4/24", 96, 0],
    ["int4/row", 1000, 256],
    ["int4/128", 100, 256],
    ["int4/8x64", 640, 64],
    ["int4/tensor", 8, 256],
    ["int4/row", 1001, 0],
    ["int4/flat(64)", 640, 0],
    ["bf16", 1024, 256],
  ])("of %s over %i columns have %i elements", (recipe, cols, segment) => {
    expect(segmentOf(planOf(recipe, 16, cols))).toBe(segment);
  });
});

describe("one pass gives what the reference gives", () => {
  it.each([
    ...["nvfp4", "mxfp4", "int4/128:f16", "e4m3/row", "nf4/64", "f32", "bf16", "e4m3", "e5m2(sat=inf)/32", "ue4m3/32"],
    ...[
      "int8/row",
      "int4@away/tensor",
      "int8@inward/7x64",
      "int4(signmax)/32:f16",
      "int4(half)/32",
      "uint4/32",
      "mxint8",
    ],
    ...["int4(asym)/32", "int4@sr(seed=1)/32", "e8m0", "e0m3/32", "binary/64", "dynamic8/64", "e3m10/row"],
    "codebook(-1,-0.35,0,0.35,1)/tensor",
  ])("%s", async (recipe) => {
    await expectSame(backend, recipe);
  });

  it.each([
    ["int4/16", 150, 16],
    ["e2m1/row", 5, 1100],
    ["nf4/64", 200, 260],
    // Cells of the map are whole fours of columns here.
    ["nvfp4", 70, 1024],
  ])("%s on %ix%i, in tiles too", async (recipe, rows, cols) => {
    await expectSame(backend, recipe, rows, cols);
    await expectSame(backend, recipe, rows, cols, { tileRows: 67 });
  });
});

it("tensors of zeros and values too small to be normal have their zeros counted", async () => {
  // A cast's range tells nothing of the tensor's: the factor of the value bins was infinite once.
  for (const [recipe, least] of [
    ["e4m3", 2 ** -149],
    ["e4m3@away", 2 ** -130],
    ["int8", 2 ** -120],
  ] as const) {
    const values = Float32Array.of(0, 0, -0, least, 0, 0, 0, -least);
    expect(await differenceFromReference(backend, { recipe, values, rows: 2, cols: 4 })).toBeNull();
  }
});

describe("a GPU may compute floats worse, and all stays as it is:", () => {
  const above = "return bitcast<f32>(bitcast<u32>(r) + select(0u, 1u, r != 0.0));";
  const below = "return bitcast<f32>(bitcast<u32>(r) - select(0u, 1u, r != 0.0));";
  const flush = (name: string) => `select(${name}, 0.0, abs(${name}) < 0x1p-126)`;

  it.each([
    ["all of it above", `let r = a * b; ${above}`, "let r = 1.0 / a; return r * 1.0000002;", `let r = a + b; ${above}`],
    ["all of it below", `let r = a * b; ${below}`, "let r = 1.0 / a; return r * 0.9999998;", `let r = a + b; ${below}`],
    [
      "subnormals flushed, and sums with the error of a division by two ulp",
      `return ${flush("a")} * ${flush("b")};`,
      `return ${flush("(1.0 / a)")};`,
      `return (${flush("a")} * 3.0 + ${flush("b")} * 3.0) / 3.0000005;`,
    ],
  ])("%s", async (_, product, reciprocal, sum) => {
    const worse = (text: string) =>
      text
        .replace(
          "fn float_product(a: f32, b: f32) -> f32 { return a * b; }",
          `fn float_product(a: f32, b: f32) -> f32 { ${product} }`,
        )
        .replace(
          "fn float_reciprocal(a: f32) -> f32 { return 1.0 / a; }",
          `fn float_reciprocal(a: f32) -> f32 { ${reciprocal} }`,
        )
        .replace(sumsWgsl, `fn float_sum(a: f32, b: f32) -> f32 { ${sum} }`);
    const text = { ...shaders, fusedGrid: worse(shaders.fusedGrid), fusedTable: worse(shaders.fusedTable) };
    for (const body of [product, reciprocal, sum]) {
      expect(text.fusedGrid.includes(body) && text.fusedTable.includes(body)).toBe(true);
    }
    const hostile = await createWebgpuBackend(device, { shaders: text, lean: false });
    for (const recipe of ["int4/128:f16", "nvfp4", "int8/row", "e4m3/row", "nf4/64"]) {
      await expectSame(hostile, recipe, ROWS, COLS, { tolerance: 1e-5 });
    }
  });

  it("but a decision that rests on floats alone is caught", async () => {
    const rash = (text: string) => text.replace("const NEAR = 0x1p-20f;", "const NEAR = -1.0;");
    const text = { ...shaders, fusedGrid: rash(shaders.fusedGrid) };
    expect(text.fusedGrid).not.toBe(shaders.fusedGrid);
    const values = nearTies("int8/row", plainValues(ROWS * COLS), ROWS, COLS);
    const made = await createWebgpuBackend(device, { shaders: text, lean: false });
    const difference = await differenceFromReference(made, { recipe: "int8/row", values, rows: ROWS, cols: COLS });
    expect(difference).toMatch(/^int8\/row on 19x320: /);
  });
});

describe("a source's tiles", () => {
  it("stay on the device, so that what its array holds later does not matter", async () => {
    const plan = planOf("int4/32", ROWS, COLS);
    const values = plainValues(ROWS * COLS);
    const source = {};
    const report = async (input: Float32Array) => {
      const tile = { row0: 0, rows: ROWS, cols: COLS, original: input, input, source };
      const statistics = makeStatistics(plan);
      await backend.statistics(plan, tile, statistics);
      const into = makeAccumulator(plan, 4);
      await backend.quantize(plan, tile, resolveScales(plan, statistics), into);
      return into;
    };
    const first = await report(values);
    expect(first.error).toBeGreaterThan(0);
    expect(await report(new Float32Array(values.length))).toEqual(first);
  });
});

import { beforeAll, describe, expect, it } from "vitest";
import { quantizeMatrix } from "../../../engine/quantize.ts";
import type { MatrixSource } from "../../../matrix/source.ts";
import { makeAccumulator } from "../../../measure/accumulator.ts";
import type { Report } from "../../../measure/report.ts";
import { parseRecipe } from "../../../notation/index.ts";
import { prepareRecipe } from "../../../prepare/prepare.ts";
import { valueRangeExponent } from "../../../report/bins.ts";
import { dawnDevice } from "../../../testing/dawn.ts";
import type { Backend } from "../../backend.ts";
import { differenceAtOnce, differenceFromReference } from "../../compare.ts";
import { nearTies, plainValues, specialValues, subnormalValues } from "../../hostile-values.ts";
import { referenceBackend } from "../../reference/backend.ts";
import { createWebgpuBackend } from "../backend.ts";
import { leanWgsl } from "../wgsl/lean.ts";
import type { LeanText } from "../wgsl/lean-fields.ts";
import { SCALE_FROM } from "../wgsl/lean-scale.ts";

const PLAIN_TEXT: LeanText = {
  element: "float",
  powers: false,
  symmetric: true,
  pairs: true,
  scaleFrom: SCALE_FROM.one,
  bySteps: false,
  turned: 0,
  given: false,
  products: "rounded",
  subgroup: 1,
};

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
    expect(got.report.metrics.mse! / expected.report.metrics.mse!).toBeCloseTo(1, 6);
    expect(await got.rows(1, 3)).toEqual(await expected.rows(1, 3));
    expect(await got.inspect(2, 17)).toEqual(await expected.inspect(2, 17));
  }
}

const PRODUCT = "fn float_product(a: vec4<f32>, b: f32) -> vec4<f32> { return a * b; }";
const SUM = "fn float_add(a: vec4<f32>, b: vec4<f32>) -> vec4<f32> { return a + b; }";
const RECIPROCAL = "fn float_reciprocal(a: f32) -> f32 { return 1.0 / a; }";
const RESULTS = "return level * scale;";
const FUSED = "return fma(a, b, sum);";
const PAIRS = "return fma(a.zw, b.zw, fma(a.xy, b.xy, sums));";
const GUESS = "fn float_guess(a: f32, b: f32) -> f32 { return a * b; }";
const BESIDE = "{ return a + vec4<f32>(lean.whole); }";
const beside = (value: string, step: string) =>
  `let r = ${value}; return bitcast<vec4<f32>>(bitcast<vec4<u32>>(r) ${step} select(vec4<u32>(), vec4<u32>(1u), r != vec4<f32>()));`;
const flushed = (value: string) => `let r = ${value}; return select(r, vec4<f32>(), abs(r) < vec4<f32>(0x1p-126));`;

/** What each function of the filters may do at worst. */
const worse: [string, (text: string) => string][] = (
  [
    ["products, sums and reciprocals above", "+", "1.0000002", "ceil"],
    ["products, sums and reciprocals below", "-", "0.9999998", "floor"],
  ] as const
).map(([name, step, factor, neighbour]) => [
  name,
  (text) =>
    text
      .replace(PRODUCT, PRODUCT.replace("return a * b;", beside("a * b", step)))
      .replace(SUM, SUM.replace("return a + b;", beside("a + b", step)))
      .replace(RECIPROCAL, RECIPROCAL.replace("1.0 / a", `${factor} / a`))
      .replace(GUESS, GUESS.replace("a * b", `a * b * ${factor}`))
      .replace(BESIDE, BESIDE.replace("a +", `${neighbour}(a) +`))
      .replace(RESULTS, beside("level * scale", step)),
]);
worse.push([
  "subnormals flushed, products and sums rounded apart",
  (text) =>
    text
      .replace(PRODUCT, PRODUCT.replace("return a * b;", flushed("a * b")))
      .replace(FUSED, "return a * b + sum;")
      .replace(PAIRS, "return a.zw * b.zw + (a.xy * b.xy + sums);"),
]);

describe("a GPU may compute floats worse, and all that is decided and counted stays:", () => {
  it.each(worse)("%s", async (_, rewrite) => {
    const text = leanWgsl(PLAIN_TEXT);
    for (const part of [PRODUCT, SUM, RECIPROCAL, RESULTS, FUSED, PAIRS, GUESS, BESIDE]) expect(text).toContain(part);
    const made = await createWebgpuBackend(device, { rewrite });
    // With given scales, and with such as are divided out.
    const differences = { nvfp4: differenceFromReference, "nf4/64": differenceAtOnce, "int4/32:f16": differenceAtOnce };
    for (const [recipe, difference] of Object.entries(differences)) {
      for (const make of [plainValues, specialValues]) {
        const values = nearTies(recipe, make(24 * 128), 24, 128);
        const of = { recipe, values, rows: 24, cols: 128, tolerance: 1e-5 };
        expect(await difference(made, of)).toBeNull();
      }
    }
  });

  it("but a decision that rests on floats alone is caught", async () => {
    const rash = (text: string) => text.replace("const NEAR = 0x1p-20f;", "const NEAR = -1.0;");
    const made = await createWebgpuBackend(device, { rewrite: rash });
    const values = nearTies("int8/row", plainValues(24 * 128), 24, 128);
    expect(await differenceFromReference(made, { recipe: "int8/row", values, rows: 24, cols: 128 })).toMatch(
      /^int8\/row on 24x128: /,
    );
  });
});

describe("a report in one pass is that of the reference", () => {
  it.each([
    // Compiling takes most of the time: what shares a kernel with another here costs little.
    ...["nvfp4", "e2m1/16:ue5m3", "mxfp4", "mxfp4~mx(ceil)", "int4/128:f16", "int4/32:bf16", "e4m3/row", "nf4/64"],
  ])("%s", async (recipe) => {
    await expectSame(backend, recipe, 37, 512);
  });

  it("in tiles too", async () => {
    for (const recipe of ["nvfp4", "int4/128:f16", "e4m3/row"]) await expectSame(backend, recipe, 70, 384, 11 * 384);
  });

  it("whose rows are summed several at once", async () => {
    // Rows of cells of the map are four rows then, and so are bands.
    await expectSame(backend, "nvfp4", 1024, 32);
  });

  it("whose scales are too many to be read one by one", async () => {
    for (const recipe of ["int4/8:f16", "nf4/8"]) await expectSame(backend, recipe, 512, 512);
  });

  it("whose scales are found when they are asked for", async () => {
    const source = sourceOf(plainValues(16 * 256), 16, 256);
    const got = await quantized("nvfp4", source, backend);
    expect(got.scales).toEqual([]);
    expect((await got.complete!()).scales).toEqual((await quantized("nvfp4", source, referenceBackend)).scales);
  });

  it("or is made as ever where values are too many that floats cannot settle", async () => {
    const source = sourceOf(subnormalValues(600 * 512), 600, 512);
    const [got, expected] = [
      await quantized("nvfp4", source, backend),
      await quantized("nvfp4", source, referenceBackend),
    ];
    expect(got.complete).toBeUndefined();
    expect(decided(got.report)).toEqual(decided(expected.report));
  });
});

it("a tile whose sums do not fit is left to other kernels, and its largest magnitude is still found", async () => {
  const [rows, cols] = [8, 64];
  const limited = await dawnDevice();
  // Room for the values and not for their sums, of which the map has two for every value of so small a matrix.
  const limits = { ...limitsOf(limited), maxStorageBufferBindingSize: 8 * rows * cols };
  Object.defineProperty(limited, "limits", { value: limits });
  const made = await createWebgpuBackend(limited);
  const plan = prepareRecipe(parseRecipe("e4m3/row"), [], rows, cols);
  const original = plainValues(rows * cols);
  const tile = { row0: 0, rows, cols, original, input: original, source: {} };
  const amax = original.reduce((m, x) => Math.max(m, Math.abs(x)), 0);
  const into = makeAccumulator(plan, valueRangeExponent(amax));
  expect(await made.measure!(plan, amax)!.add(tile, into)).toBe(false);
  expect(await made.largest!(plan, tile)).toBe(amax);
});

/** The limits that the kernels ask for. */
const limitsOf = ({ limits: { maxBufferSize, maxComputeWorkgroupsPerDimension } }: GPUDevice) => ({
  maxBufferSize,
  maxComputeWorkgroupsPerDimension,
});

import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { resolveScales } from "../../scales/resolve.ts";
import { makeStatistics } from "../../scales/statistics.ts";
import { affine, casts, matrices, scaled } from "../../testing/cases.ts";
import { dawnDevice } from "../../testing/dawn.ts";
import { planOf } from "../../testing/matrix.ts";
import type { Backend } from "../backend.ts";
import { differenceFromReference } from "../compare.ts";
import { anyValues, hugeValues, nearTies, plainValues, specialValues, subnormalValues } from "../hostile-values.ts";
import { referenceBackend } from "../reference/backend.ts";
import { createWebgpuBackend } from "./backend.ts";
import { selfCheck } from "./self-check.ts";

// All tests here fail where Dawn finds no adapter: see kernels/testing/dawn.ts.
let backend: Backend;
/** Cuts every tile into pieces of a few rows, or of a part of a row. */
let small: Backend;
beforeAll(async () => {
  backend = await createWebgpuBackend(await dawnDevice());
  small = await createWebgpuBackend(dawnDevice, { pieceElements: 150 });
}, 120_000);

const roundings = ["rne", "away", "inward", "trunc", "up", "down", "odd", "coin(seed=3)"];
const stochastic = ["sr(seed=1)", "sr(bits=32,seed=7)", "sr(bits=1,seed=9)"];
const byRounding = [...roundings, ...stochastic].flatMap((r) => [
  `int4@${r}/32`,
  `int4(asym)@${r}/32:f16`,
  `e2m1@${r}/16:e4m3/tensor`,
  `nf4@${r}/64`,
  `e5m2(sat=inf)@${r}`,
]);
const byFormat = [
  ...["f32", "tf32", "bf16", "f16/tensor", "e4m3(sat=nan)", "e4m3fnuz(sat=nan)", "e8m0", "ue4m3", "e0m3/32"],
  ...[
    "int8/row",
    "int8(frac=6)",
    "int4(half)/32",
    "int4(signmax)/32:f16",
    "int1(signmax)/8",
    "mxint8",
    "uint4/32",
    "int8(asym,zp=e4m3)/1x1",
  ],
  ...["binary/32", "ternary/32", "bipolar3/32", "bnbfp4/64", "dynamic8/flat(256)", "af4/64"],
];
const byBlock = ["1", "3", "7x5", "1000", "row", "col", "tensor", "flat(33)", "flat(130)"].flatMap((b) => [
  `int4/${b}`,
  `e2m1/${b}:e8m0`,
  `int3(asym)/${b}`,
  `int4(signmax)/${b}`,
]);
const shapes: [number, number][] = [
  [1, 1],
  [1, 700],
  [300, 1],
  [37, 100],
];

const expectSame = async (
  to: Backend,
  recipe: string,
  values: Float32Array,
  rows: number,
  cols: number,
  tileRows?: number,
) => expect(await differenceFromReference(to, { recipe, values, rows, cols, tileRows })).toBeNull();

describe("the webgpu backend gives what the reference gives", () => {
  it.each([...byRounding, ...byFormat])("%s", async (recipe) => {
    const [rows, cols] = [13, 90];
    const count = rows * cols;
    await expectSame(backend, recipe, specialValues(count), rows, cols);
    await expectSame(backend, recipe, nearTies(recipe, plainValues(count), rows, cols), rows, cols);
  });

  it.each(shapes.flatMap(([r, c]) => byBlock.map((recipe) => [recipe, r, c] as const)))(
    "%s on %ix%i",
    async (recipe, rows, cols) => {
      await expectSame(backend, recipe, nearTies(recipe, plainValues(rows * cols), rows, cols), rows, cols);
    },
  );

  it.each(["int4/32", "e4m3/8x16", "nf4/flat(100)", "int4(asym)@sr(seed=1)/col", "int5(signmax)/tensor"])(
    "%s in tiles and pieces of any size",
    async (recipe) => {
      await expectSame(small, recipe, specialValues(37 * 100), 37, 100, 5);
      await expectSame(small, recipe, plainValues(3 * 1000), 3, 1000, 2);
    },
  );

  it.each(["int4/32", "e4m3", "nvfp4", "nf4/64"])("%s on values at both ends of the range", async (recipe) => {
    for (const values of [subnormalValues, hugeValues, anyValues]) {
      await expectSame(backend, recipe, values(1000), 10, 100);
    }
  });

  it("where a rotation stands before the quantizer", async () => {
    await expectSame(backend, "rht(20,seed=7)+int4@sr(seed=1)/20:f16", specialValues(2000), 20, 100);
  });

  it.each([
    ["casts", casts],
    ["scales", scaled],
    ["affine integers", affine],
  ])("on random recipes and matrices: %s", async (_, cases) => {
    let ran = 0;
    const property = fc.asyncProperty(cases, matrices, async ({ text }, { rows, cols, values }) => {
      // Codebooks of levels far apart are refused.
      fc.pre(backend.refuses(planOf(text, rows, cols)) === null);
      await expectSame(backend, text, values, rows, cols);
      await expectSame(backend, text, nearTies(text, values, rows, cols), rows, cols);
      ran++;
    });
    await fc.assert(property, { numRuns: 60 });
    expect(ran).toBeGreaterThanOrEqual(60);
  });

  it("so that the self-check finds nothing", async () => {
    expect(await selfCheck(backend)).toEqual({ ok: true, cases: 16 * 19 * 76 + 3 * 19 * 96 });
  });

  it("for random bits of elements beyond the first 2^32", async () => {
    // The row starts one element before the index needs a second word.
    const [rows, cols, row0] = [65537, 65537, 65535];
    const plan = planOf("int4@sr(seed=5)/tensor", rows, cols);
    const values = plainValues(cols);
    const tile = { row0, rows: 1, cols, original: values, input: values };
    const stats = makeStatistics(plan);
    await referenceBackend.statistics(plan, tile, stats);
    const scales = resolveScales(plan, stats);
    const [expected, got] = await Promise.all([referenceBackend, backend].map((b) => b.encode(plan, tile, scales)));
    expect(got.codes).toEqual(expected.codes);
  });

  it("for calls that overlap", async () => {
    const all = ["int4/32", "nf4/64", "e4m3"].map((recipe) => expectSame(backend, recipe, plainValues(2000), 20, 100));
    await Promise.all(all);
  });
});

describe("the webgpu backend refuses", () => {
  it.each([
    ["nf4(arith=bnb)/64", "does not do the float32 arithmetic of arith=bnb yet"],
    ["codebook(-1,0.0000001,1)/64", "has no codebooks whose neighbouring levels differ so much in size yet"],
    ["e8m0(sat=nan)", "does not do sat=nan for e8m0 yet"],
  ])("%s", (recipe, why) => {
    expect(backend.refuses(planOf(recipe, 4, 64))).toBe(why);
  });
});

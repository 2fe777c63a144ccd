import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { floatBits, floatFromBits } from "../../exact/bits.ts";
import { blockOf } from "../../plan/blocks.ts";
import { resolveScales } from "../../scales/resolve.ts";
import { makeStatistics } from "../../scales/statistics.ts";
import { affine, type Case, casts, matrices, scaled } from "../../testing/cases.ts";
import { normalValues, planOf } from "../../testing/matrix.ts";
import { type Case as Comparison, differenceFromReference } from "../compare.ts";
import { referenceBackend } from "../reference/backend.ts";
import { createWasmBackend, loadWasm } from "./index.ts";

const backend = await createWasmBackend();

type TestMatrix = Pick<Comparison, "rows" | "cols" | "values">;

const expectEqual = async (recipe: string, matrix: TestMatrix, tileElements = 2 ** 20) => {
  const tileRows = Math.max(1, Math.floor(tileElements / matrix.cols));
  expect(await differenceFromReference(backend, { recipe, ...matrix, tileRows })).toBeNull();
};

/** Formats on fast and exact paths, scales of every kind, shapes whole, short, cut and odd. */
const recipes = [
  ..."f32 e4m3 e5m2 bf16 f16 tf32 ue4m3 e2m1 e8m0 int8 nf4".split(" "),
  ..."int4/128 int8/row int4(half)/128 int4(full)/32:f16 int4(signmax)/32:f16 int8(frac=4)/32 int2/16".split(" "),
  ..."uint4/32 int4/col int8/tensor int4/7 int4/12 int4/20 int4/3 int4/1 int4/flat(100) int4/flat(64)".split(" "),
  ..."int4(asym)/128:f16 int8(asym)/tensor int3(asym)/24 int4(asym)/col int4(asym,zp=e2m1)/32".split(" "),
  ..."mxfp4 nvfp4 mxfp4~mx(even) mxfp4~mx(ceil) mxfp8 mxfp6 e2m1/32:e8m0@up e2m3/32:e8m0 e3m2/16:e8m0".split(" "),
  ..."e4m3/128x128 e4m3/row e5m2/col e4m3/5x7 e4m3fnuz/32 e5m2fnuz/64 e3m4ieee/tensor ue4m3/32 e0m4/32".split(" "),
  ..."e3m0/32 e2m3(bias=2)/64:ue5m3 f16/64 bf16/64 e4m4(bias=200)/32 e4m4(bias=-300)/32".split(" "),
  ..."nf4/64 af4/64:f16 bnbfp4/64 dynamic8/64 ternary/32 binary/64 bipolar3/64 nf4/col nf4/6".split(" "),
  ..."e4m3@trunc/32 int4@away/32 int4@up/32 nf4@odd/64 int5@down/16 e2m1@inward/16 f16@odd".split(" "),
  ..."int4/128:uint8/row:f16 int8/64~rms(2.9) int4/128~mse int4/64~pct(99) e4m3/tensor~pct(95)".split(" "),
  ..."rht(16,seed=3)+int4/16 ht(16)+nvfp4 ht(16)+int4(asym)/24:f16 rht(16,seed=1)+nf4/col".split(" "),
  ..."int4@sr(seed=1)/32 int4(asym)@sr(seed=2)/24 e2m1@sr(bits=8,seed=3)/32 e4m3@sr(bits=32,seed=4) int8@sr(bits=1,seed=5)/row".split(
    " ",
  ),
  ..."nf4@sr(seed=6)/64 int4(signmax)@sr(seed=7)/5 int8(frac=4)@sr(seed=1)/32 f16@sr(seed=8)/col e2m1@coin(seed=1)/32 int4@coin(seed=2)/16".split(
    " ",
  ),
  ..."bnb_nf4 bnb_fp4 nf4(arith=bnb)/20 bnbfp4(arith=bnb)/col torchao_nvfp4 e2m1(arith=torchao)/7:e4m3 modelopt_nvfp4".split(
    " ",
  ),
  ..."e4m3(sat=nan) e5m2(sat=inf) e5m2(sat=inf)@sr(seed=1)/32~pct(90) e4m3(sat=nan)@up/64~pct(80) e4m3fnuz(sat=nan)@trunc/row~pct(50)".split(
    " ",
  ),
  ..."ue4m3(sat=nan)@down/32~pct(70) e5m2(sat=inf)@odd/16~pct(60)".split(" "),
  ..."e2m1/16~fouroversix:e4m3(reach=256)/tensor e2m1/16~fouroversix:e4m3 int4/64~lsq(steps=9) mxfp4~quest(round)".split(
    " ",
  ),
  ..."int4/32~expr(amax/qmax) e2m1/row~realbias(grid=20) binary8p3se binary8p3se(sat=inf)/32 binary5p1se/16 int16/32".split(
    " ",
  ),
  "codebook(-1,-0.35,0,0.35,1)/64:f16",
  "codebook(0.5,1,3)/16",
  "e4m3(nonfinite=poison)/32",
  "int4(nonfinite=poison)/16",
];

const [ROWS, COLS] = [9, 1040];
const normal = normalValues(20_007).map((x) => x * 0.02);
const changed = (change: (x: number, i: number) => number): TestMatrix => ({
  rows: ROWS,
  cols: COLS,
  values: normal.subarray(0, ROWS * COLS).map(change),
});

/** What tensors are made of, and what they should not be made of. */
const tensors: [string, TestMatrix][] = [
  ["Gaussian values", changed((x) => x)],
  ["values of bfloat16", changed((x) => floatFromBits((floatBits(x) & 0xffff0000) >>> 0))],
  ["small integers", changed((x) => Math.round(x * 400))],
  [
    "NaN, infinities and both zeros",
    changed((x, i) =>
      i % 977 === 5
        ? NaN
        : i % 1501 === 7
          ? Infinity
          : i % 701 === 2
            ? -Infinity
            : i % 333 === 1
              ? -0
              : i % 33 === 4
                ? 0
                : x,
    ),
  ],
  ["all zeros", changed(() => 0)],
  ["zero blocks and huge ones", changed((x, i) => (i % 640 < 128 ? 0 : i % 640 < 256 ? x * 1e38 : x))],
  ["outliers and subnormals", changed((x, i) => (i % 50 === 0 ? x * 1e6 : i % 51 === 0 ? x * 1e-40 : x))],
  ["subnormals alone", changed((x) => x * 1e-38)],
  ["the largest floats", changed((x) => Math.sign(x) * Math.min(3.4028234663852886e38, Math.abs(x) * 1e40))],
  ["any bits", changed((_, i) => floatFromBits(Math.imul(i + 1, 2654435761) >>> 0))],
  ["one element", { rows: 1, cols: 1, values: Float32Array.of(-0.3) }],
  ["one column", { rows: 300, cols: 1, values: normal.slice(0, 300) }],
  ["one long row", { rows: 1, cols: 20007, values: normal }],
  ["few columns", { rows: 4000, cols: 5, values: normal.slice(0, 20000) }],
];

describe("codes, scales, results, counts and histograms are the reference's, to the bit", () => {
  for (const [name, matrix] of tensors) {
    it(`for ${name}`, async () => {
      // A rotation needs its block to divide the row.
      const fitting = recipes.filter((r) => matrix.cols % 16 === 0 || !r.includes("ht("));
      for (const recipe of fitting) await expectEqual(recipe, matrix, 9000);
    });
  }

  it("for a row longer than a window and more columns than the profile has entries", async () => {
    const cols = 2 ** 20 + 37;
    const values = Float32Array.from({ length: cols }, (_, i) => normal[i % normal.length]);
    for (const text of ["int4/128", "nvfp4", "e4m3/row"]) await expectEqual(text, { rows: 1, cols, values });
  });
});

/** Values at and next to the middles between levels under the scales found for `values`. */
async function nearTies(text: string, { rows, cols, values }: TestMatrix): Promise<TestMatrix> {
  const plan = planOf(text, rows, cols);
  const { ladder } = plan.element;
  if (!ladder || plan.wholeBlocks) return { rows, cols, values };
  const statistics = makeStatistics(plan);
  await referenceBackend.statistics(plan, { row0: 0, rows, cols, original: values, input: values }, statistics);
  const { effective, zeroPoints } = resolveScales(plan, statistics);
  const moved = values.map((x, i) => {
    if (i % 3 === 0) return x;
    const block = plan.levels.length ? blockOf(plan.grid, Math.floor(i / cols), i % cols) : 0;
    const rank = Math.imul(i, 40503) >>> 7;
    const middle = ladder.middles[rank % Math.max(1, ladder.middles.length)] - (zeroPoints[block] ?? 0);
    const t = Math.fround((rank & 1 ? -middle : middle) * effective[block]);
    return t === 0 || t - t !== 0 ? x : floatFromBits(floatBits(t) + (i % 5) - 2);
  });
  return { rows, cols, values: moved.map((x, i) => (x - x === 0 ? x : values[i])) };
}

describe("near ties", () => {
  it("are decided as the reference decides them", async () => {
    for (const recipe of recipes.filter((r) => !r.includes("+"))) {
      await expectEqual(recipe, await nearTies(recipe, { rows: 7, cols: COLS, values: normal.slice(0, 7 * COLS) }));
    }
  });
});

/** Bit patterns enough for whole vectors, groups and segments. */
const wide: fc.Arbitrary<TestMatrix> = fc
  .record({
    rows: fc.integer({ min: 1, max: 11 }),
    cols: fc.integer({ min: 1, max: 700 }),
    seed: fc.integer(),
    exponent: fc.integer({ min: -149, max: 127 }),
    spread: fc.integer({ min: 0, max: 40 }),
  })
  .map(({ rows, cols, seed, exponent, spread }) => {
    const draw = normalValues(rows * cols, seed);
    const values = draw.map((x, i) => {
      const y = Math.fround(x * 2 ** (exponent - ((Math.imul(i, 2654435761) >>> 8) % (spread + 1))));
      return y - y === 0 ? y : x;
    });
    return { rows, cols, values };
  });

function agrees(cases: fc.Arbitrary<Case>, numRuns: number) {
  return fc.assert(
    fc.asyncProperty(cases, fc.oneof(matrices, wide), fc.integer({ min: 1, max: 3000 }), async ({ text }, m, tile) => {
      fc.pre(backend.refuses(planOf(text, m.rows, m.cols)) === null);
      await expectEqual(text, m, tile);
      await expectEqual(text, await nearTies(text, m));
    }),
    { numRuns },
  );
}

describe("any recipe over any bits", () => {
  it("cast directly", () => agrees(casts, 100));
  it("under symmetric scales", () => agrees(scaled, 150));
  it("as affine integers", () => agrees(affine, 100));
});

describe("the module", () => {
  it("is compiled once and serves several instances", async () => {
    const module = await loadWasm();
    expect(module).toBe(await loadWasm());
    const other = await createWasmBackend(module);
    expect(await differenceFromReference(other, { recipe: "nvfp4", ...changed((x) => x) })).toBeNull();
  });

  it("refuses nothing that the notation can say", () => {
    for (const recipe of recipes) expect(backend.refuses(planOf(recipe, 16, 512))).toBeNull();
  });
});
